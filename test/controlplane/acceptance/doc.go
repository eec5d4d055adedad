// Package acceptance tests the program as its users see it. It is a package of its own so that its test binary does
// not link the components.
package acceptance
