"""Events, clocks of reports, holds and meetings of the board as a running study has them."""
