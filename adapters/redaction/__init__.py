"""Files that may leave: pages drawn anew as pictures, black where somebody could be known.

`asking.Redactor` is for everybody else; the other modules run in the sandbox only. What came in is
never changed and never copied: each page is drawn, the places are blackened, and the pictures are
bound into a new file without text, metadata, names, annotations, forms, layers or attachments.
"""
