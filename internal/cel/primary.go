package cel

import (
	"math"
	"slices"
	"strings"
)

func (p *parser) primary() (node, error) {
	t := p.tok
	switch {
	case t.kind == tokenLiteral:
		if v, ok := t.value.(signless); ok {
			if v > math.MaxInt64 {
				return nil, failAt(t.offset, "%d is out of the range of an int", uint64(v))
			}
			t.value = int64(v)
		}
		return &literal{offset(t.offset), t.value}, p.advance()
	case t.kind == tokenIdent:
		return p.name(t)
	case p.at("("):
		if err := p.advance(); err != nil {
			return nil, err
		}
		n, err := p.expression()
		if err != nil {
			return nil, err
		}
		return n, p.expect(")")
	case p.at("["):
		if err := p.advance(); err != nil {
			return nil, err
		}
		items, err := p.list("]")
		return &list{offset(t.offset), items}, err
	case p.at("{"):
		return p.dict()
	}
	return nil, failAt(t.offset, "unexpected %s", t)
}

// name is a literal, a variable or a function.
func (p *parser) name(t token) (node, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	switch t.text {
	case "true", "false":
		return &literal{offset(t.offset), t.text == "true"}, nil
	case "null":
		return &literal{offset(t.offset), nil}, nil
	}
	switch {
	case t.text == "in" || slices.Contains(strings.Fields(reserved), t.text):
		return nil, failAt(t.offset, "%q is a reserved word", t.text)
	case p.at("("):
		return p.call(nil, t)
	case !slices.Contains(p.scope, t.text):
		return nil, failAt(t.offset, "undeclared reference to %q: the names here are %s", t.text, strings.Join(p.scope, ", "))
	}
	return &ident{offset(t.offset), t.text}, nil
}

// list reads nodes up to the symbol that ends them; a comma may stand before it.
func (p *parser) list(end string) ([]node, error) {
	var items []node
	for !p.at(end) {
		n, err := p.expression()
		if err != nil {
			return nil, err
		}
		items = append(items, n)
		if p.at(end) {
			break
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
	return items, p.advance()
}

func (p *parser) dict() (node, error) {
	n := &dict{offset: offset(p.tok.offset)}
	if err := p.advance(); err != nil {
		return nil, err
	}
	for !p.at("}") {
		key, err := p.expression()
		if err != nil {
			return nil, err
		}
		if err := p.expect(":"); err != nil {
			return nil, err
		}
		value, err := p.expression()
		if err != nil {
			return nil, err
		}
		n.keys, n.values = append(n.keys, key), append(n.values, value)
		if p.at("}") {
			break
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
	return n, p.advance()
}
