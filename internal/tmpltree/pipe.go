package tmpltree

import (
	"slices"
	"strconv"
	"strings"
)

// place is where a pipeline stands.
type place uint8

const (
	inAction place = iota
	inRange
	inParens
)

// maxParens is how deep parentheses may nest before they are left to
// text/template/parse, which has a bound of its own.
const maxParens = 1000

// pipe reads a pipeline and what ends it.
func (p *parser) pipe(n *PipeNode, in place) bool {
	p.skipSpaces()
	n.pos = pos(p.at)
	if p.peek() == '$' && !p.declarations(n, in) {
		return false
	}
	mark := len(p.commands)
	for !p.pipeEnds(in) {
		if !p.command() {
			return false
		}
	}
	commands := p.commands[mark:]
	if len(commands) == 0 {
		return false
	}
	for _, later := range commands[1:] {
		switch later.Args[0].(type) {
		case *BoolNode, *DotNode, *NilNode, *NumberNode, *StringNode:
			return false
		}
	}
	n.Cmds = p.commandSlab.keep(commands)
	p.commands = p.commands[:mark]
	return true
}

// pipeEnds goes past the end of a pipeline, if it is here.
func (p *parser) pipeEnds(in place) bool {
	if in != inParens {
		return p.rightDelim()
	}
	p.skipSpaces()
	if p.peek() != ')' {
		return false
	}
	p.at++
	return true
}

// declarations reads the variables before a pipeline, if there are any. It is
// false for what it does not know.
func (p *parser) declarations(n *PipeNode, in place) bool {
	for {
		from := p.at
		name, ok := p.variableName()
		if !ok {
			return false
		}
		p.skipSpaces()
		rest := p.text[p.at:]
		more := false
		switch {
		case strings.HasPrefix(rest, ":="):
			p.at += len(":=")
		case strings.HasPrefix(rest, "="):
			n.IsAssign = true
			p.at++
		case strings.HasPrefix(rest, ",") && in == inRange && len(n.Decl) == 0:
			p.at++
			more = true
		case len(n.Decl) > 0:
			return false
		default:
			p.at = from // an operand
			return true
		}
		n.Decl = append(n.Decl, p.variable(from, name))
		p.variables = append(p.variables, name)
		if !more {
			return true
		}
		if p.skipSpaces(); p.peek() != '$' {
			return false
		}
	}
}

// variableName reads the name of a variable, without fields.
func (p *parser) variableName() (string, bool) {
	from := p.at
	p.at++ // the dollar sign
	for p.at < len(p.text) && isWord(p.text[p.at]) {
		p.at++
	}
	return p.text[from:p.at], p.terminated()
}

// variable is a node for the name of a variable and those of its fields.
func (p *parser) variable(from int, names ...string) *VariableNode {
	v := p.variableSlab.one()
	*v = VariableNode{pos: pos(from), Ident: p.nameSlab.keep(names)}
	return v
}

// command reads operands up to the end of a pipeline, or past the next bar.
func (p *parser) command() bool {
	p.skipSpaces()
	from := pos(p.at)
	mark := len(p.nodes)
	for {
		operand, ok := p.operand()
		if !ok {
			return false
		}
		if operand != nil {
			p.nodes = append(p.nodes, operand)
		}
		spaced := p.skipSpaces()
		if p.peek() == '|' {
			p.at++
			break
		}
		if p.atPipeEnd(spaced) {
			break
		}
		if !spaced || operand == nil {
			return false
		}
	}
	args := p.nodes[mark:]
	if len(args) == 0 {
		return false
	}
	p.commands = append(p.commands, CommandNode{pos: from, Args: p.nodeSlab.keep(args)})
	p.nodes = p.nodes[:mark]
	return true
}

// atPipeEnd says whether a pipeline ends here, be it in parentheses or not.
func (p *parser) atPipeEnd(spaced bool) bool {
	switch p.peek() {
	case ')':
		return p.parens > 0
	case '}':
		return p.parens == 0 && strings.HasPrefix(p.text[p.at:], "}}")
	case '-':
		return p.parens == 0 && spaced && strings.HasPrefix(p.text[p.at:], "-}}")
	}
	return false
}

// operand reads a term and the fields below it. It is nil where there is no term.
func (p *parser) operand() (Node, bool) {
	c := p.peek()
	switch {
	case c == '.' && p.beginsWord(p.at+1):
		return p.field()
	case c == '$':
		return p.variableOperand()
	case c == '(':
		return p.parenthesized()
	case c == '"' || c == '`':
		return p.stringOperand()
	case isDigit(c) || c == '+' || c == '-' && !strings.HasPrefix(p.text[p.at:], "-}}"):
		return p.number()
	case isWord(c):
		return p.named()
	case c == '.':
		n := &DotNode{pos(p.at)}
		p.at++
		return n, p.terminated() && p.peek() != '.'
	}
	return nil, true
}

func (p *parser) stringOperand() (Node, bool) {
	from, source, text, ok := p.quoted()
	n := p.stringSlab.one()
	*n = StringNode{pos: pos(from), Quoted: source, Text: text}
	return n, ok && p.peek() != '.'
}

// beginsWord says whether a name begins at an offset.
func (p *parser) beginsWord(at int) bool {
	return at < len(p.text) && isWord(p.text[at]) && !isDigit(p.text[at])
}

// fields reads fields onto the list of names. second is where the second one of
// them begins, or the only one.
func (p *parser) fields() (second int, ok bool) {
	second = p.at
	for n := 0; p.peek() == '.'; n++ {
		from := p.at + 1
		if n == 1 {
			second = p.at
		}
		end := from
		for end < len(p.text) && isWord(p.text[end]) {
			end++
		}
		if end == from || isDigit(p.text[from]) {
			return 0, false
		}
		p.at = end
		if !p.terminated() {
			return 0, false
		}
		p.names = append(p.names, p.text[from:end])
	}
	return second, true
}

func (p *parser) field() (Node, bool) {
	p.names = p.names[:0]
	second, ok := p.fields()
	if !ok {
		return nil, false
	}
	n := p.fieldSlab.one()
	*n = FieldNode{pos: pos(second), Ident: p.nameSlab.keep(p.names)}
	return n, true
}

func (p *parser) variableOperand() (Node, bool) {
	from := p.at
	name, ok := p.variableName()
	if !ok || !slices.Contains(p.variables, name) {
		return nil, false
	}
	if p.peek() != '.' {
		return p.variable(from, name), true
	}
	from = p.at
	p.names = append(p.names[:0], name)
	if _, ok = p.fields(); !ok {
		return nil, false
	}
	return p.variable(from, p.names...), true
}

// parenthesized reads a pipeline in parentheses.
func (p *parser) parenthesized() (Node, bool) {
	if p.parens++; p.parens > maxParens {
		return nil, false
	}
	p.at++
	n := p.pipeSlab.one()
	if !p.pipe(n, inParens) {
		return nil, false
	}
	p.parens--
	return p.chain(n)
}

// chain reads the fields below a term that is not one itself.
func (p *parser) chain(term Node) (Node, bool) {
	if p.peek() != '.' {
		return term, true
	}
	first := p.at
	p.names = p.names[:0]
	if _, ok := p.fields(); !ok {
		return nil, false
	}
	return &ChainNode{pos: pos(first), Node: term, Field: p.nameSlab.keep(p.names)}, true
}

// named reads a constant that is a word, or a function.
func (p *parser) named() (Node, bool) {
	from := pos(p.at)
	switch word := p.word(); word {
	case "true", "false":
		return &BoolNode{from, word == "true"}, p.peek() != '.'
	case "nil":
		return &NilNode{from}, p.peek() != '.'
	case "", "block", "break", "continue", "define", "else", "end", "if", "range", "template", "with":
		return nil, false
	default:
		if p.functions[word] == nil {
			return nil, false
		}
		n := p.identifierSlab.one()
		*n = IdentifierNode{from, word}
		return p.chain(n)
	}
}

// number reads a number with digits alone, and at most one dot between them.
func (p *parser) number() (Node, bool) {
	from := p.at
	if c := p.peek(); c == '-' || c == '+' {
		p.at++
	}
	digits := p.at
	for p.at < len(p.text) && isDigit(p.text[p.at]) {
		p.at++
	}
	whole := p.at
	if whole == digits {
		return nil, false
	}
	if p.peek() == '.' {
		p.at++
		for p.at < len(p.text) && isDigit(p.text[p.at]) {
			p.at++
		}
		if p.at == whole+1 {
			return nil, false
		}
	}
	switch c := p.peek(); {
	case isWord(c), c >= 0x80, c == '.', c == '+', c == '-':
		return nil, false
	}
	n := p.numberSlab.one()
	*n = NumberNode{pos: pos(from), Text: p.text[from:p.at]}
	return n, n.set(p.at > whole)
}

// set finds the types that can hold a number.
func (n *NumberNode) set(fraction bool) bool {
	var err error
	if fraction {
		f, err := strconv.ParseFloat(n.Text, 64)
		if err != nil {
			return false
		}
		n.IsFloat, n.Float64 = true, f
		if float64(int64(f)) == f {
			n.IsInt, n.Int64 = true, int64(f)
		}
		if float64(uint64(f)) == f {
			n.IsUint, n.Uint64 = true, uint64(f)
		}
		return true
	}
	if n.Int64, err = strconv.ParseInt(n.Text, 0, 64); err != nil {
		return false
	}
	n.IsInt, n.IsFloat, n.Float64 = true, true, float64(n.Int64)
	// A sign keeps a number from being unsigned, but for zero.
	if c := n.Text[0]; c != '-' && c != '+' || n.Int64 == 0 {
		n.IsUint, n.Uint64 = true, uint64(n.Int64)
	}
	return true
}
