package tmpltree

import (
	"strings"
	"sync"
	"text/template/parse"
)

// Parser reads templates, several at once.
type Parser struct {
	functions map[string]any
	// idle are parsers kept for the places that are left in their slabs.
	idle sync.Pool
}

// NewParser returns a parser of templates that may call functions, by name.
func NewParser(functions map[string]any) *Parser {
	return &Parser{functions: functions, idle: sync.Pool{New: func() any { return new(parser) }}}
}

// Parse reads a template text. The first tree is the text itself, under name, and
// the others are what it defines. The errors are those of text/template/parse.
func (l *Parser) Parse(name, text string) ([]*Tree, error) {
	if trees := l.fast(name, text); trees != nil {
		return trees, nil
	}
	parsed, err := parse.Parse(name, text, "", "", l.functions)
	if err != nil {
		return nil, err
	}
	return convertAll(name, text, parsed), nil
}

// maxSource is how long a text may be for its offsets to fit.
const maxSource = 1 << 30

// fast parses what it takes at the first look; it is nil for anything else.
func (l *Parser) fast(name, text string) []*Tree {
	if len(text) > maxSource || l.functions["break"] != nil || l.functions["continue"] != nil {
		return nil
	}
	p := l.idle.Get().(*parser)
	defer func() {
		p.reset()
		l.idle.Put(p)
	}()
	p.name, p.text, p.functions = name, text, l.functions
	p.variables = append(p.variables, "$")
	return p.file()
}

// parser reads a text once, from its begin to its end. It gives up (ok is false)
// at everything that it does not know.
type parser struct {
	name, text string
	functions  map[string]any
	// at is where it stands.
	at    int
	trees []*Tree
	// variables are the names known at this place.
	variables []string
	// ranges is how many ranges are open, parens how many parentheses.
	ranges, parens int

	// nodes, commands and names are lists under way, one upon the other.
	nodes    []Node
	commands []CommandNode
	names    []string

	slabs
}

// slabs are the places for nodes.
type slabs struct {
	treeSlab       slab[Tree]
	listSlab       slab[ListNode]
	textSlab       slab[TextNode]
	actionSlab     slab[ActionNode]
	pipeSlab       slab[PipeNode]
	commandSlab    slab[CommandNode]
	identifierSlab slab[IdentifierNode]
	variableSlab   slab[VariableNode]
	fieldSlab      slab[FieldNode]
	stringSlab     slab[StringNode]
	numberSlab     slab[NumberNode]
	ifSlab         slab[IfNode]
	nodeSlab       slab[Node]
	nameSlab       slab[string]
}

// reset forgets everything but the free places.
func (p *parser) reset() {
	nodes, commands, names, variables := p.nodes[:cap(p.nodes)], p.commands[:cap(p.commands)], p.names[:cap(p.names)], p.variables[:cap(p.variables)]
	clear(nodes)
	clear(commands)
	clear(names)
	clear(variables)
	*p = parser{nodes: nodes[:0], commands: commands[:0], names: names[:0], variables: variables[:0], slabs: p.slabs}
}

// stop is what ended a list.
type stop uint8

const (
	atEnd stop = iota
	atEOF
	atElse
	// atElseIf and atElseWith are an else that goes on with a keyword.
	atElseIf
	atElseWith
	// atDefine is a define, which only a file may have.
	atDefine
	atFailure
)

// file reads the whole text.
func (p *parser) file() []*Tree {
	root := p.listSlab.one()
	root.pos = p.firstOffset()
	mark := len(p.nodes)
	for {
		switch p.items() {
		case atEOF:
			root.Nodes = p.nodeSlab.keep(p.nodes[mark:])
			return p.ended(root)
		case atDefine:
			if !p.define() {
				return nil
			}
		default:
			return nil
		}
	}
}

// ended is all trees of the text, that of the text itself first.
func (p *parser) ended(root *ListNode) []*Tree {
	t := p.tree(p.name, root)
	trees, ok := add(p.trees, t)
	if !ok {
		return nil
	}
	return rootFirst(p.name, trees)
}

// rootFirst moves the tree of a name to the front.
func rootFirst(name string, trees []*Tree) []*Tree {
	for i, t := range trees {
		if t.Name == name {
			copy(trees[1:], trees[:i])
			trees[0] = t
			break
		}
	}
	return trees
}

func (p *parser) tree(name string, root *ListNode) *Tree {
	t := p.treeSlab.one()
	*t = Tree{Name: name, File: p.name, Root: root, source: p.text}
	return t
}

// define reads what follows the keyword: a name, and a list of its own.
func (p *parser) define() bool {
	_, _, name, ok := p.quoted()
	if !ok || !p.rightDelim() {
		return false
	}
	variables, ranges := len(p.variables), p.ranges
	hidden := p.variables
	p.variables, p.ranges = append(p.variables[variables:], "$"), 0
	list, end := p.list()
	p.variables, p.ranges = hidden, ranges
	if end != atEnd {
		return false
	}
	p.trees, ok = add(p.trees, p.tree(name, list))
	return ok
}

// list reads until an end, an else or the end of the text.
func (p *parser) list() (*ListNode, stop) {
	list := p.listSlab.one()
	list.pos = p.firstOffset()
	mark := len(p.nodes)
	end := p.items()
	list.Nodes = p.nodeSlab.keep(p.nodes[mark:])
	p.nodes = p.nodes[:mark]
	return list, end
}

// items reads texts and actions.
func (p *parser) items() stop {
	for {
		if !p.plain() {
			return atEOF
		}
		done, end := p.action()
		if done {
			return end
		}
	}
}

// plain reads a text up to the next delimiter; it is false at the end.
func (p *parser) plain() bool {
	i := strings.Index(p.text[p.at:], "{{")
	if i < 0 {
		p.addText(p.at, len(p.text))
		p.at = len(p.text)
		return false
	}
	end := p.at + i
	if trimsLeft(p.text[end+2:]) {
		end = p.at + len(strings.TrimRight(p.text[p.at:end], spaces))
	}
	p.addText(p.at, end)
	p.at += i
	return true
}

func (p *parser) addText(from, to int) {
	if from == to {
		return
	}
	n := p.textSlab.one()
	*n = TextNode{pos: pos(from), Text: p.text[from:to]}
	p.nodes = append(p.nodes, n)
}

// firstOffset is where the first node of a list will stand: that of its text,
// or of its delimiter. Comments are no nodes.
func (p *parser) firstOffset() pos {
	if c := p.peek(); c != '{' && !isSpace(c) {
		return pos(p.at)
	}
	at := p.at
	defer func() { p.at = at }()
	for {
		rest := p.text[p.at:]
		i := strings.Index(rest, "{{")
		if i < 0 || i > 0 && !trimsAway(rest[:i], rest[i+2:]) {
			return pos(p.at)
		}
		p.at += i
		delim := p.at
		p.leftDelim()
		if !strings.HasPrefix(p.text[p.at:], "/*") || !p.comment() {
			return pos(delim)
		}
	}
}

// action reads an action. done says that it ended the list.
func (p *parser) action() (done bool, end stop) {
	p.leftDelim()
	if strings.HasPrefix(p.text[p.at:], "/*") {
		return !p.comment(), atFailure
	}
	p.skipSpaces()
	from := p.at
	word := p.word()
	if end, ok := p.ending(word); ok {
		return true, end
	}
	node := p.structure(word, from)
	if node == nil {
		return true, atFailure
	}
	p.nodes = append(p.nodes, node)
	return false, atEnd
}

// ending reads the actions that end a list.
func (p *parser) ending(word string) (end stop, ok bool) {
	switch word {
	case "end":
		end = atEnd
	case "define":
		p.skipSpaces()
		return atDefine, true
	case "else":
		p.skipSpaces()
		from := p.at
		switch p.word() {
		case "if":
			p.at = from
			return atElseIf, true
		case "with":
			p.at = from
			return atElseWith, true
		case "":
		default:
			return atFailure, true
		}
		p.at = from
		end = atElse
	default:
		return 0, false
	}
	if !p.rightDelim() {
		end = atFailure
	}
	return end, true
}

// structure reads an action that is a node; nil is a failure.
func (p *parser) structure(word string, from int) Node {
	switch word {
	case "if", "with", "range":
		return p.control(word)
	case "template":
		return p.call()
	case "break", "continue":
		if p.ranges == 0 || !p.rightDelim() {
			return nil
		}
		if word == "break" {
			return &BreakNode{pos(from)}
		}
		return &ContinueNode{pos(from)}
	case "block":
		return nil // rare
	}
	p.at = from
	n := p.actionSlab.one()
	if !p.pipe(&n.Pipe, inAction) {
		return nil
	}
	return n
}

// control reads what follows the keyword of a control structure, to its end.
func (p *parser) control(keyword string) Node {
	var b *BranchNode
	var n Node
	in := inAction
	switch keyword {
	case "if":
		x := p.ifSlab.one()
		b, n = &x.BranchNode, x
	case "with":
		x := &WithNode{}
		b, n = &x.BranchNode, x
	default:
		x := &RangeNode{}
		b, n, in = &x.BranchNode, x, inRange
	}
	variables := len(p.variables)
	if !p.pipe(&b.Pipe, in) || !p.branches(b, keyword) {
		return nil
	}
	p.variables = p.variables[:variables]
	return n
}

// branches reads the lists of a control structure.
func (p *parser) branches(b *BranchNode, keyword string) bool {
	if keyword == "range" {
		p.ranges++
	}
	var end stop
	b.List, end = p.list()
	if keyword == "range" {
		p.ranges--
	}
	switch {
	case end == atEnd:
		return true
	case end == atElse:
		b.ElseList, end = p.list()
		return end == atEnd
	case end == atElseIf && keyword == "if", end == atElseWith && keyword == "with":
		// The rest is a structure of its own, with which it shares the end.
		list := p.listSlab.one()
		list.pos = pos(p.at)
		p.at += len(keyword)
		n := p.control(keyword)
		list.Nodes = p.nodeSlab.keep([]Node{n})
		b.ElseList = list
		return n != nil
	}
	return false
}

// call reads what follows the keyword template.
func (p *parser) call() Node {
	p.skipSpaces()
	from, _, name, ok := p.quoted()
	if !ok {
		return nil
	}
	n := &TemplateNode{pos: pos(from), Name: name}
	if p.rightDelim() {
		return n
	}
	n.Pipe = p.pipeSlab.one()
	if !p.pipe(n.Pipe, inAction) {
		return nil
	}
	return n
}
