"""`microblog-check`: judge an implementation of the tutorial's chapter."""
