"""How a trial decides: allocation, decision and stopping rules, and how they perform."""
