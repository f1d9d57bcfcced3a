"""Find downloaded data sets on this machine, and download them."""
