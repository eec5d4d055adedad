package tmpltree

import "strconv"

// The texts of nodes are made from the tree, as text/template/parse does it:
// they stand in the errors of executions.

func text(n Node) string { return string(n.appendTo(nil)) }

func (n *ListNode) String() string       { return text(n) }
func (n *TextNode) String() string       { return n.Text }
func (n *ActionNode) String() string     { return text(n) }
func (n *PipeNode) String() string       { return text(n) }
func (n *CommandNode) String() string    { return text(n) }
func (n *IdentifierNode) String() string { return n.Ident }
func (n *VariableNode) String() string   { return text(n) }
func (n *FieldNode) String() string      { return text(n) }
func (n *ChainNode) String() string      { return text(n) }
func (n *DotNode) String() string        { return "." }
func (n *NilNode) String() string        { return "nil" }
func (n *BoolNode) String() string       { return strconv.FormatBool(n.True) }
func (n *StringNode) String() string     { return n.Quoted }
func (n *NumberNode) String() string     { return n.Text }
func (n *IfNode) String() string         { return text(n) }
func (n *WithNode) String() string       { return text(n) }
func (n *RangeNode) String() string      { return text(n) }
func (n *TemplateNode) String() string   { return text(n) }
func (n *BreakNode) String() string      { return "{{break}}" }
func (n *ContinueNode) String() string   { return "{{continue}}" }

func (n *ListNode) appendTo(b []byte) []byte {
	for _, child := range n.Nodes {
		b = child.appendTo(b)
	}
	return b
}

func (n *ActionNode) appendTo(b []byte) []byte {
	b = n.Pipe.appendTo(append(b, "{{"...))
	return append(b, "}}"...)
}

func (n *PipeNode) appendTo(b []byte) []byte {
	for i, v := range n.Decl {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = v.appendTo(b)
	}
	switch {
	case len(n.Decl) > 0 && n.IsAssign:
		b = append(b, " = "...)
	case len(n.Decl) > 0:
		b = append(b, " := "...)
	}
	for i := range n.Cmds {
		if i > 0 {
			b = append(b, " | "...)
		}
		b = n.Cmds[i].appendTo(b)
	}
	return b
}

func (n *CommandNode) appendTo(b []byte) []byte {
	for i, arg := range n.Args {
		if i > 0 {
			b = append(b, ' ')
		}
		b = appendOperand(b, arg)
	}
	return b
}

// appendOperand puts a pipeline in parentheses.
func appendOperand(b []byte, n Node) []byte {
	if _, ok := n.(*PipeNode); ok {
		return append(n.appendTo(append(b, '(')), ')')
	}
	return n.appendTo(b)
}

func appendFields(b []byte, names []string) []byte {
	for _, name := range names {
		b = append(append(b, '.'), name...)
	}
	return b
}

func (n *VariableNode) appendTo(b []byte) []byte {
	return appendFields(append(b, n.Ident[0]...), n.Ident[1:])
}

func (n *FieldNode) appendTo(b []byte) []byte { return appendFields(b, n.Ident) }

func (n *ChainNode) appendTo(b []byte) []byte {
	return appendFields(appendOperand(b, n.Node), n.Field)
}

func (n *BranchNode) appendBranch(b []byte, keyword string) []byte {
	b = append(append(append(b, "{{"...), keyword...), ' ')
	b = append(n.Pipe.appendTo(b), "}}"...)
	b = n.List.appendTo(b)
	if n.ElseList != nil {
		b = n.ElseList.appendTo(append(b, "{{else}}"...))
	}
	return append(b, "{{end}}"...)
}

func (n *IfNode) appendTo(b []byte) []byte    { return n.appendBranch(b, "if") }
func (n *WithNode) appendTo(b []byte) []byte  { return n.appendBranch(b, "with") }
func (n *RangeNode) appendTo(b []byte) []byte { return n.appendBranch(b, "range") }

func (n *TemplateNode) appendTo(b []byte) []byte {
	b = strconv.AppendQuote(append(b, "{{template "...), n.Name)
	if n.Pipe != nil {
		b = n.Pipe.appendTo(append(b, ' '))
	}
	return append(b, "}}"...)
}

func (n *TextNode) appendTo(b []byte) []byte       { return append(b, n.Text...) }
func (n *IdentifierNode) appendTo(b []byte) []byte { return append(b, n.Ident...) }
func (n *DotNode) appendTo(b []byte) []byte        { return append(b, '.') }
func (n *NilNode) appendTo(b []byte) []byte        { return append(b, "nil"...) }
func (n *BoolNode) appendTo(b []byte) []byte       { return strconv.AppendBool(b, n.True) }
func (n *StringNode) appendTo(b []byte) []byte     { return append(b, n.Quoted...) }
func (n *NumberNode) appendTo(b []byte) []byte     { return append(b, n.Text...) }
func (n *BreakNode) appendTo(b []byte) []byte      { return append(b, n.String()...) }
func (n *ContinueNode) appendTo(b []byte) []byte   { return append(b, n.String()...) }
