"""Rules of products from donor to participant: codes, lots, limits, the bedside, the balance.

Pure: no database, no Django. What a trial fixes of it stands in its protocol file.
"""
