package gotmpl

import (
	"github.com/seed-0d4f92cc/pack/internal/tmpltree"
)

// control is how the walk of a node ended.
type control uint8

const (
	goOn control = iota
	breakLoop
	continueLoop
)

func (s *State) walk(dot value, node tmpltree.Node) control {
	s.step()
	s.node = node
	switch n := node.(type) {
	case *tmpltree.ActionNode:
		// Declared variables persist until the next end.
		s.trace.action()
		v := s.pipeline(dot, &n.Pipe)
		if len(n.Pipe.Decl) == 0 {
			s.node = n
			from := len(s.out)
			s.print(n, v)
			s.trace.wrote(s, n, from)
		}
	case *tmpltree.TextNode:
		from := len(s.out)
		s.out = append(s.out, n.Text...)
		s.trace.wrote(s, n, from)
		s.wrote()
	case *tmpltree.ListNode:
		for _, child := range n.Nodes {
			if c := s.walk(dot, child); c != goOn {
				return c
			}
		}
	case *tmpltree.IfNode:
		return s.branch(dot, &n.BranchNode, false)
	case *tmpltree.WithNode:
		return s.branch(dot, &n.BranchNode, true)
	case *tmpltree.RangeNode:
		return s.rangeOver(dot, n)
	case *tmpltree.TemplateNode:
		s.call(dot, n)
	case *tmpltree.BreakNode:
		return breakLoop
	case *tmpltree.ContinueNode:
		return continueLoop
	default:
		s.failf("unknown node: %s", node)
	}
	return goOn
}

// branch walks an if, or a with, which sets dot.
func (s *State) branch(dot value, n *tmpltree.BranchNode, with bool) control {
	mark := len(s.vars)
	v := s.pipeline(dot, &n.Pipe)
	truth, ok := v.truth()
	if !ok {
		s.failf("if/with can't use %v", v.reflect())
	}
	c := goOn
	switch {
	case truth && with:
		s.hold(v)
		c = s.walk(v, n.List)
		s.release()
	case truth:
		c = s.walk(dot, n.List)
	case n.ElseList != nil:
		c = s.walk(dot, n.ElseList)
	}
	s.pop(mark)
	return c
}

// call walks a template node: another template, with variables of its own.
func (s *State) call(dot value, n *tmpltree.TemplateNode) {
	tree := s.set.Lookup(n.Name)
	if tree == nil {
		s.failf("template %q not defined", n.Name)
	}
	if s.depth == maxTemplateDepth {
		s.failf("exceeded maximum template depth (%v)", maxTemplateDepth)
	}
	if s.level++; s.level > s.limits.MaxDepth {
		s.fail("template "+n.Name, ErrTooDeep)
	}
	s.depth++
	outerTree, outerBase := s.tree, s.base
	arg := value{}
	if n.Pipe != nil {
		// Variables that the pipeline declares stay those of the caller.
		arg = s.pipeline(dot, n.Pipe)
	}
	mark := len(s.vars)
	s.tree, s.base = tree, mark
	s.push("$", arg)
	s.walk(arg, tree.Root)
	s.pop(mark)
	s.tree, s.base = outerTree, outerBase
	s.depth--
	s.level--
}
