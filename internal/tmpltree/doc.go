// Package tmpltree parses Go templates into trees that take little memory.
//
// The language, the positions of nodes and their texts are those of
// text/template/parse, and so are the errors: what the parser here does not take
// at its first look, because it is wrong or rare, it hands to that package, whose
// error counts, or whose tree is turned into one of this package. So it need not
// know everything, but what it takes it must take as the standard library does:
// the tests and a fuzz target compare the two.
//
// It is there because parsing was half of the time and most of the memory of a
// rendering: no tokens are made, texts and names are parts of the source, and
// nodes of a kind lie side by side.
package tmpltree
