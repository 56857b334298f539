"""Pages, templates, static files and translations. No rules of the trial live here."""
