package cel

import (
	"slices"
	"strings"
)

// parser reads expressions by recursive descent.
type parser struct {
	lexer
	tok   token
	depth int
	// scope are the variables that are known where the parser stands.
	scope []string
}

func (p *parser) parse() (node, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind == tokenEnd {
		return nil, failAt(0, "the expression is empty")
	}
	n, err := p.expression()
	if err == nil && p.tok.kind != tokenEnd {
		err = failAt(p.tok.offset, "unexpected %s", p.tok)
	}
	return n, err
}

func (p *parser) advance() (err error) {
	p.tok, err = p.next()
	return err
}

// at says whether a symbol comes next.
func (p *parser) at(symbol string) bool { return p.tok.kind == tokenSymbol && p.tok.text == symbol }

// take passes over a symbol if it comes next.
func (p *parser) take(symbol string) (bool, error) {
	if !p.at(symbol) {
		return false, nil
	}
	return true, p.advance()
}

func (p *parser) expect(symbol string) error {
	if !p.at(symbol) {
		return failAt(p.tok.offset, "expected %q, not %s", symbol, p.tok)
	}
	return p.advance()
}

// expression is a condition with its branches, or anything that binds closer.
func (p *parser) expression() (node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, failAt(p.tok.offset, "the expression is nested more than %d times", maxDepth)
	}
	defer func() { p.depth-- }()
	cond, err := p.binary(0)
	if err != nil || !p.at("?") {
		return cond, err
	}
	n := &conditional{offset: offset(p.tok.offset), cond: cond}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if n.x, err = p.binary(0); err != nil {
		return nil, err
	}
	if err := p.expect(":"); err != nil {
		return nil, err
	}
	n.y, err = p.expression()
	return n, err
}

// levels are the binary operators, those that bind less first.
func levels() [][]string {
	return [][]string{
		{"||"}, {"&&"}, {"==", "!=", "<", "<=", ">", ">=", "in"}, {"+", "-"}, {"*", "/", "%"},
	}
}

func (p *parser) binary(level int) (node, error) {
	all := levels()
	if level == len(all) {
		return p.unary()
	}
	x, err := p.binary(level + 1)
	for err == nil && slices.Contains(all[level], p.tok.text) && (p.tok.kind == tokenSymbol || p.tok.kind == tokenIdent) {
		n := &binary{offset: offset(p.tok.offset), op: p.tok.text, x: x}
		if err = p.advance(); err != nil {
			return nil, err
		}
		if n.y, err = p.binary(level + 1); err != nil {
			return nil, err
		}
		x = n
	}
	return x, err
}

func (p *parser) unary() (node, error) {
	if !p.at("!") && !p.at("-") {
		return p.member()
	}
	if p.depth++; p.depth > maxDepth {
		return nil, failAt(p.tok.offset, "the expression is nested more than %d times", maxDepth)
	}
	defer func() { p.depth-- }()
	n := &unary{offset: offset(p.tok.offset), op: p.tok.text}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if v, ok := p.tok.value.(signless); ok && n.op == "-" && p.tok.kind == tokenLiteral {
		if v > 1<<63 {
			return nil, failAt(p.tok.offset, "-%d is out of the range of an int", uint64(v))
		}
		p.tok.value = -int64(v) // the smallest one overflows into itself
		return p.member()
	}
	var err error
	n.x, err = p.unary()
	return n, err
}

// member is a primary with fields, indexes and calls behind it.
func (p *parser) member() (node, error) {
	n, err := p.primary()
	for err == nil {
		start := p.tok.offset
		switch {
		case p.at("."):
			n, err = p.field(n)
		case p.at("["):
			if err = p.advance(); err != nil {
				return nil, err
			}
			i := &index{offset: offset(start), of: n}
			if i.optional, err = p.take("?"); err != nil {
				return nil, err
			}
			if i.at, err = p.expression(); err != nil {
				return nil, err
			}
			n, err = i, p.expect("]")
		case p.at("{"):
			return nil, failAt(start, "messages cannot be made here")
		default:
			return n, nil
		}
	}
	return nil, err
}

// field is .name, .?name or .name(…) behind a node.
func (p *parser) field(of node) (node, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	optional, err := p.take("?")
	if err != nil {
		return nil, err
	}
	t := p.tok
	if t.kind != tokenIdent || slices.Contains(strings.Fields(literals), t.text) {
		return nil, failAt(t.offset, "expected the name of a field, not %s", t)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.at("(") && !optional {
		return p.call(of, t)
	}
	return &selection{offset: offset(t.offset), of: of, field: t.text, optional: optional}, nil
}

// The words that are no names.
const (
	literals = "true false null in"
	reserved = "as break const continue else for function if import let loop package namespace return var void while"
)
