package tmpltree

// Node is a part of a template. Its text is that of text/template/parse.
type Node interface {
	// Offset is where the node stands in the text that was parsed.
	Offset() int
	String() string
	appendTo(b []byte) []byte
}

// pos is the offset of a node. Texts are far shorter than 2 GiB.
type pos int32

// Offset is where the node stands in the text that was parsed.
func (p pos) Offset() int { return int(p) }

// ListNode is nodes one after another.
type ListNode struct {
	pos
	Nodes []Node
}

// TextNode is plain text.
type TextNode struct {
	pos
	Text string
}

// ActionNode is a pipeline between delimiters.
type ActionNode struct{ Pipe PipeNode }

// Offset is that of the pipeline.
func (n *ActionNode) Offset() int { return n.Pipe.Offset() }

// PipeNode is commands, of which each yields the last argument of the next, and
// the variables that are declared or assigned.
type PipeNode struct {
	pos
	IsAssign bool
	Decl     []*VariableNode
	Cmds     []CommandNode
}

// CommandNode is an operand, or a function and its arguments.
type CommandNode struct {
	pos
	Args []Node
}

// IdentifierNode is the name of a function.
type IdentifierNode struct {
	pos
	Ident string
}

// VariableNode is a variable, with its dollar sign, and the fields below it.
type VariableNode struct {
	pos
	Ident []string
}

// FieldNode is fields below dot, without their dots.
type FieldNode struct {
	pos
	Ident []string
}

// ChainNode is fields below the value of another node.
type ChainNode struct {
	pos
	Node  Node
	Field []string
}

// DotNode is the value of dot.
type DotNode struct{ pos }

// NilNode is the constant nil.
type NilNode struct{ pos }

// BoolNode is a truth value.
type BoolNode struct {
	pos
	True bool
}

// StringNode is a text in quotes, and what it stands for.
type StringNode struct {
	pos
	Quoted, Text string
}

// NumberNode is a number, as all the types that can hold it.
type NumberNode struct {
	pos
	IsInt, IsUint, IsFloat, IsComplex bool

	Int64   int64
	Uint64  uint64
	Float64 float64
	// Complex is not nil for a number that is complex only.
	Complex *complex128
	Text    string
}

// BranchNode is what the control structures have in common.
type BranchNode struct {
	Pipe PipeNode
	List *ListNode
	// ElseList is nil where there is no else.
	ElseList *ListNode
}

// Offset is that of the pipeline.
func (n *BranchNode) Offset() int { return n.Pipe.Offset() }

// IfNode is an if.
type IfNode struct{ BranchNode }

// WithNode is a with.
type WithNode struct{ BranchNode }

// RangeNode is a range.
type RangeNode struct{ BranchNode }

// TemplateNode calls a template by its name. Pipe is nil where nothing is handed
// to it.
type TemplateNode struct {
	pos
	Name string
	Pipe *PipeNode
}

// BreakNode ends a range.
type BreakNode struct{ pos }

// ContinueNode ends one turn of a range.
type ContinueNode struct{ pos }
