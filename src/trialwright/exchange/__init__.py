"""How it travels: data files and standard formats, in and out."""
