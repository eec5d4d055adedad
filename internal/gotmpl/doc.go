// Package gotmpl executes Go templates, parsed by internal/tmpltree, with the
// results and the error messages of text/template.
//
// What it adds is control: execution ends when a context does, when it has
// written too much or nests too deep; functions are told the execution that
// calls them, so that one table of functions serves any number of concurrent
// executions of shared parse trees; a template can be parsed and executed
// beside a set without a copy of the set; and an error is a value with its
// positions.
package gotmpl
