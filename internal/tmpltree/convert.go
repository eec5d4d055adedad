package tmpltree

import (
	"maps"
	"slices"
	"text/template/parse"
)

// convertAll turns the trees of a text that text/template/parse has read into a list, that of the text first.
func convertAll(name, text string, parsed map[string]*parse.Tree) []*Tree {
	trees := make([]*Tree, 0, len(parsed))
	for _, key := range slices.Sorted(maps.Keys(parsed)) {
		trees = append(trees, &Tree{Name: key, File: name, Root: convertList(parsed[key].Root), source: text})
	}
	return rootFirst(name, trees)
}

func convertList(n *parse.ListNode) *ListNode {
	if n == nil {
		return nil
	}
	list := &ListNode{pos: pos(n.Pos), Nodes: make([]Node, 0, len(n.Nodes))}
	for _, child := range n.Nodes {
		list.Nodes = append(list.Nodes, convertNode(child))
	}
	return list
}

// convertNode turns an item of a list. There are no other kinds: the parser does not
// keep comments.
func convertNode(n parse.Node) Node {
	switch n := n.(type) {
	case *parse.TextNode:
		return &TextNode{pos(n.Pos), string(n.Text)}
	case *parse.IfNode:
		return &IfNode{convertBranch(&n.BranchNode)}
	case *parse.WithNode:
		return &WithNode{convertBranch(&n.BranchNode)}
	case *parse.RangeNode:
		return &RangeNode{convertBranch(&n.BranchNode)}
	case *parse.TemplateNode:
		call := &TemplateNode{pos: pos(n.Pos), Name: n.Name}
		if n.Pipe != nil {
			pipe := convertPipe(n.Pipe)
			call.Pipe = &pipe
		}
		return call
	case *parse.BreakNode:
		return &BreakNode{pos(n.Pos)}
	case *parse.ContinueNode:
		return &ContinueNode{pos(n.Pos)}
	}
	return &ActionNode{convertPipe(n.(*parse.ActionNode).Pipe)}
}

func convertBranch(n *parse.BranchNode) BranchNode {
	return BranchNode{Pipe: convertPipe(n.Pipe), List: convertList(n.List), ElseList: convertList(n.ElseList)}
}

func convertPipe(n *parse.PipeNode) PipeNode {
	pipe := PipeNode{pos: pos(n.Pos), IsAssign: n.IsAssign}
	for _, v := range n.Decl {
		pipe.Decl = append(pipe.Decl, &VariableNode{pos(v.Pos), v.Ident})
	}
	for _, cmd := range n.Cmds {
		command := CommandNode{pos: pos(cmd.Pos)}
		for _, arg := range cmd.Args {
			command.Args = append(command.Args, convertOperand(arg))
		}
		pipe.Cmds = append(pipe.Cmds, command)
	}
	return pipe
}

func convertOperand(n parse.Node) Node {
	switch n := n.(type) {
	case *parse.IdentifierNode:
		return &IdentifierNode{pos(n.Pos), n.Ident}
	case *parse.VariableNode:
		return &VariableNode{pos(n.Pos), n.Ident}
	case *parse.FieldNode:
		return &FieldNode{pos(n.Pos), n.Ident}
	case *parse.ChainNode:
		return &ChainNode{pos(n.Pos), convertOperand(n.Node), n.Field}
	case *parse.DotNode:
		return &DotNode{pos(n.Pos)}
	case *parse.NilNode:
		return &NilNode{pos(n.Pos)}
	case *parse.BoolNode:
		return &BoolNode{pos(n.Pos), n.True}
	case *parse.StringNode:
		return &StringNode{pos(n.Pos), n.Quoted, n.Text}
	case *parse.NumberNode:
		return convertNumber(n)
	}
	pipe := convertPipe(n.(*parse.PipeNode))
	return &pipe
}

func convertNumber(n *parse.NumberNode) *NumberNode {
	number := &NumberNode{
		pos: pos(n.Pos), IsInt: n.IsInt, IsUint: n.IsUint, IsFloat: n.IsFloat, IsComplex: n.IsComplex,
		Int64: n.Int64, Uint64: n.Uint64, Float64: n.Float64, Text: n.Text,
	}
	if n.IsComplex {
		number.Complex = &n.Complex128
	}
	return number
}
