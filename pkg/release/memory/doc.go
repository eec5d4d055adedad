// Package memory keeps the records of releases in the memory of the process, for
// programs that need no more, for trying things out and for tests; and has a
// cluster to go with it that takes every object and runs none.
package memory
