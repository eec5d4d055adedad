package cel

import (
	"slices"
	"strings"
)

// call reads a macro or the call of a function; the parser stands before its
// bracket.
func (p *parser) call(target node, t token) (node, error) {
	if target != nil && slices.Contains([]string{"all", "exists", "exists_one", "existsOne", "map", "filter"}, t.text) {
		return p.comprehension(target, t)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	args, err := p.list(")")
	if err != nil {
		return nil, err
	}
	if target == nil && t.text == "has" {
		return has(t, args)
	}
	n := &call{offset: offset(t.offset), name: t.text, target: target, args: args}
	if err := checkCall(n); err != nil {
		return nil, err
	}
	return n, nil
}

func has(t token, args []node) (node, error) {
	if len(args) == 1 {
		if s, ok := args[0].(*selection); ok && !s.optional {
			return &presence{offset(t.offset), s.of, s.field}, nil
		}
	}
	return nil, failAt(t.offset, "has takes a field, such as has(self.status.phase)")
}

// comprehension reads what stands in the brackets of a macro.
func (p *parser) comprehension(target node, t token) (node, error) {
	n := &comprehension{offset: offset(t.offset), macro: t.text, target: target}
	if n.macro == "existsOne" {
		n.macro = "exists_one"
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind != tokenIdent || slices.Contains(strings.Fields(literals+" "+reserved), p.tok.text) {
		return nil, failAt(p.tok.offset, "%s takes the name of a variable first, not %s", t.text, p.tok)
	}
	n.variable = p.tok.text
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	outside := p.scope
	p.scope = append(slices.Clip(outside), n.variable)
	args, err := p.list(")")
	p.scope = outside
	switch {
	case err != nil:
		return nil, err
	case len(args) == 1:
		n.body = args[0]
	case len(args) == 2 && n.macro == "map":
		n.filter, n.body = args[0], args[1]
	default:
		return nil, failAt(t.offset, "%s does not take %d arguments", t.text, len(args)+1)
	}
	return n, nil
}

// signature is how a function is called: with a target before a dot or without one,
// and with from least to most arguments beside it.
type signature struct {
	target      bool
	least, most int
}

// functions are the functions and the ways of calling them.
func functions() map[string][]signature {
	one := signature{false, 1, 1}
	method := func(least, most int) signature { return signature{true, least, most} }
	return map[string][]signature{
		"size": {one, method(0, 0)},
		"int":  {one}, "uint": {one}, "double": {one}, "string": {one}, "bool": {one}, "bytes": {one}, "dyn": {one},
		"contains": {method(1, 1)}, "startsWith": {method(1, 1)}, "endsWith": {method(1, 1)},
		"matches":    {method(1, 1), {false, 2, 2}},
		"lowerAscii": {method(0, 0)}, "upperAscii": {method(0, 0)}, "trim": {method(0, 0)},
		"split": {method(1, 1)}, "join": {method(0, 1)}, "replace": {method(2, 2)},
		"orValue": {method(1, 1)}, "hasValue": {method(0, 0)}, "value": {method(0, 0)},
	}
}

// Functions are the names of the functions that expressions can call, sorted.
func Functions() []string {
	names := []string{"has", "all", "exists", "exists_one", "map", "filter"}
	for name := range functions() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func checkCall(n *call) error {
	forms, known := functions()[n.name]
	if !known {
		return failAt(n.where(), "unknown function %q: there are %s", n.name, strings.Join(Functions(), ", "))
	}
	for _, f := range forms {
		if f.target == (n.target != nil) && len(n.args) >= f.least && len(n.args) <= f.most {
			return nil
		}
	}
	return failAt(n.where(), "%s is not called like this", n.name)
}
