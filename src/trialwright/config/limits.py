"""How much of a request is received, and for how long: the same where it comes in and where it is
read.
"""

# A search stands in the address, and each Chinese character takes nine letters there.
LONGEST_HEAD = 32 * 1024
LONGEST_BODY = 2 * 1024 * 1024
# A page that takes a file: above the longest file that is taken, so that a larger one is told so.
LONGEST_UPLOAD = 8 * 1024 * 1024
# From its first byte to its last a request may take so long, and an idle connection stay open.
SECONDS_TO_RECEIVE = 30
SECONDS_IDLE = 30
# So many connections may be open in one process, whatever they do.
MOST_CONNECTIONS = 800
