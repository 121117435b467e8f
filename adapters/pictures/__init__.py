"""Pictures of strangers' files: drawn, cut and looked at in the sandbox alone.

`asking.Pictures` is for everybody else; the other modules run in the sandbox only.
"""
