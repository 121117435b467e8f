"""The portal's texts by language: standard gettext catalogues, `<code>/LC_MESSAGES/portal.po`."""
