"""Arrays in, arrays out: kernels, quadrature, counter-based random streams."""
