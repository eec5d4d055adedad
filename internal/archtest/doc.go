// Package archtest holds the architecture as tests: who may import whom, how
// much a package may link, and what no library package touches. The tests read
// the sources themselves, so that a change to any of them runs the tests anew.
package archtest
