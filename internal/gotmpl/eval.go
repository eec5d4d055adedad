package gotmpl

import (
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/tmpltree"
)

// pipeline evaluates a pipeline, and declares or assigns its variables.
func (s *State) pipeline(dot value, pipe *tmpltree.PipeNode) value {
	s.node = pipe
	v := value{kind: missing}
	for i := range pipe.Cmds {
		// What one command yields is the next one's final argument.
		v = s.command(dot, &pipe.Cmds[i], v).unbox()
	}
	for _, d := range pipe.Decl {
		if pipe.IsAssign {
			s.find(d.Ident[0]).value = v
		} else {
			s.push(d.Ident[0], v)
		}
	}
	return v
}

// command evaluates one command of a pipeline.
func (s *State) command(dot value, cmd *tmpltree.CommandNode, final value) value {
	first := cmd.Args[0]
	switch n := first.(type) {
	case *tmpltree.FieldNode:
		return s.fieldNode(dot, n, cmd.Args, final)
	case *tmpltree.ChainNode:
		return s.chainNode(dot, n, cmd.Args, final)
	case *tmpltree.IdentifierNode:
		return s.functionNode(dot, n, cmd, cmd.Args, final)
	case *tmpltree.PipeNode:
		s.noArguments(cmd.Args, final)
		return s.pipeline(dot, n)
	case *tmpltree.VariableNode:
		return s.variableNode(dot, n, cmd.Args, final)
	}
	s.node = first
	s.noArguments(cmd.Args, final)
	switch n := first.(type) {
	case *tmpltree.DotNode:
		return dot
	case *tmpltree.NilNode:
		s.failf("nil is not a command")
	case *tmpltree.BoolNode, *tmpltree.NumberNode, *tmpltree.StringNode:
		return s.constant(n)
	}
	s.failf("can't evaluate command %q", first)
	return value{}
}

// noArguments refuses arguments to what is not a function.
func (s *State) noArguments(args []tmpltree.Node, final value) {
	if len(args) > 1 || final.kind != missing {
		s.failf("can't give argument to non-function %s", args[0])
	}
}

// constant is the value of a literal where no type is asked for.
func (s *State) constant(node tmpltree.Node) value {
	switch n := node.(type) {
	case *tmpltree.BoolNode:
		return of(n.True)
	case *tmpltree.StringNode:
		return of(n.Text)
	case *tmpltree.NumberNode:
		return s.number(n)
	}
	return value{}
}

// number is the value of a number by its form, as in Go.
func (s *State) number(n *tmpltree.NumberNode) value {
	s.node = n
	switch {
	case n.IsComplex:
		return of(*n.Complex)
	case n.IsFloat && looksLikeFloat(n.Text):
		return of(n.Float64)
	case n.IsInt:
		i := int(n.Int64)
		if int64(i) != n.Int64 {
			s.failf("%s overflows int", n.Text)
		}
		return of(i)
	case n.IsUint:
		s.failf("%s overflows int", n.Text)
	}
	return value{}
}

func looksLikeFloat(text string) bool {
	if strings.HasPrefix(text, "'") {
		return false
	}
	if hex := len(text) > 2 && (strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0X")); hex && !strings.ContainsAny(text, "pP") {
		return false
	}
	return strings.ContainsAny(text, ".eEpP")
}

func (s *State) fieldNode(dot value, n *tmpltree.FieldNode, args []tmpltree.Node, final value) value {
	s.node = n
	return s.fields(given{dot, args, final}, dot, n, n.Ident)
}

func (s *State) chainNode(dot value, n *tmpltree.ChainNode, args []tmpltree.Node, final value) value {
	s.node = n
	if _, isNil := n.Node.(*tmpltree.NilNode); isNil {
		s.failf("indirection through explicit nil in %s", n)
	}
	receiver := s.anyArgument(dot, n.Node)
	return s.fields(given{dot, args, final}, receiver, n, n.Field)
}

func (s *State) variableNode(dot value, n *tmpltree.VariableNode, args []tmpltree.Node, final value) value {
	s.node = n
	v := s.find(n.Ident[0]).value
	if len(n.Ident) == 1 {
		if len(args) > 0 {
			s.noArguments(args, final)
		}
		return v
	}
	return s.fields(given{dot, args, final}, v, n, n.Ident[1:])
}

func (s *State) functionNode(dot value, n *tmpltree.IdentifierNode, whole tmpltree.Node, args []tmpltree.Node, final value) value {
	s.node = n
	f := s.lib.functions[n.Ident]
	if f == nil {
		s.failf("%q is not a defined function", n.Ident)
	}
	return s.invoke(given{dot, args, final}, f, whole, n.Ident)
}

// given is what a function or a method is given: dot, in which the arguments
// are evaluated, the arguments, which if there are any begin with what names
// the function, and the result of the command before.
type given struct {
	dot   value
	args  []tmpltree.Node
	final value
}

// any says whether there are arguments.
func (g given) any() bool { return len(g.args) > 1 || g.final.kind != missing }

// fields follows .A.B.C from receiver; only the last may be a method that is
// given the arguments.
func (s *State) fields(g given, receiver value, node tmpltree.Node, names []string) value {
	s.trace.follow(receiver, names)
	last := len(names) - 1
	for _, name := range names[:last] {
		receiver = s.field(given{dot: g.dot, final: value{kind: missing}}, receiver, node, name)
		s.trace.found()
	}
	result := s.field(g, receiver, node, names[last])
	s.trace.found()
	return result
}
