package lint

import (
	"regexp"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/render"
	"github.com/seed-0d4f92cc/pack/pkg/values"

	"github.com/seed-0d4f92cc/pack/internal/tmpltree"
)

// reads are the names that a chart's templates mention, of values and of
// anything else: a value counts as read if all keys of its path are mentioned
// anywhere.
type reads struct {
	// names are mentioned as fields (.a) or in texts ("a").
	names map[string]bool
	// whole are names at the end of a chain of fields whose value is used as it
	// is: what is in it may be read.
	whole map[string]bool
	// all says that the values as a whole are used somewhere.
	all bool
}

func newReads() *reads { return &reads{names: map[string]bool{}, whole: map[string]bool{}} }

// valuesName is the name of the values among the objects of templates.
const valuesName = "Values"

// chart takes in what a chart and its subcharts read apart from templates.
func (r *reads) chart(c *chart.Chart) {
	r.names["global"] = true
	r.mention("tags", true)
	// What a chart reads that is not there is not known; it may lend templates
	// to this one.
	r.all = r.all || len(c.MissingDependencies()) > 0
	for _, d := range c.Metadata().Dependencies {
		r.names[d.Name] = true
		if d.Alias != "" {
			r.names[d.Alias] = true
		}
		for condition := range strings.SplitSeq(d.Condition, ",") {
			r.path(strings.TrimSpace(condition), false)
		}
		for _, entry := range d.ImportValues {
			switch entry := entry.(type) {
			case string:
				r.path("exports."+entry, true)
			case map[string]any:
				child, _ := entry["child"].(string)
				r.path(child, true)
			}
		}
	}
	for _, sub := range c.Dependencies() {
		r.names[sub.Name()] = true
		r.chart(sub)
	}
}

func (r *reads) mention(name string, whole bool) {
	r.names[name] = true
	if whole {
		r.whole[name] = true
		r.all = r.all || name == valuesName
	}
}

// path takes in a path of which the end is used, as a whole or not.
func (r *reads) path(path string, whole bool) {
	keys := strings.Split(path, ".")
	for i, key := range keys {
		r.mention(key, whole && i == len(keys)-1)
	}
}

// templates takes in what the templates of a chart and its subcharts read. If one
// cannot be parsed, everything is read.
func (r *reads) templates(c *chart.Chart, renderer *render.Renderer) {
	trees, err := renderer.Trees(c)
	r.all = r.all || err != nil
	for _, t := range trees {
		if t.Root != nil {
			r.node(t.Root)
		}
	}
}

// texts takes in what templates in values read: they are given to tpl.
func (r *reads) texts(x any) {
	switch x := x.(type) {
	case values.Map:
		for _, below := range x {
			r.texts(below)
		}
	case []any:
		for _, below := range x {
			r.texts(below)
		}
	case string:
		if strings.Contains(x, "{{") {
			for _, m := range regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_-]*`).FindAllString(x, -1) {
				r.mention(m, m != valuesName)
			}
		}
	}
}

func (r *reads) node(n tmpltree.Node) {
	switch n := n.(type) {
	case *tmpltree.ListNode:
		if n == nil {
			return
		}
		for _, child := range n.Nodes {
			r.node(child)
		}
	case *tmpltree.ActionNode:
		r.pipe(&n.Pipe, true)
	case *tmpltree.TemplateNode:
		r.pipe(n.Pipe, true)
	case *tmpltree.IfNode:
		r.branch(&n.BranchNode, false)
	case *tmpltree.WithNode:
		r.branch(&n.BranchNode, true)
	case *tmpltree.RangeNode:
		r.branch(&n.BranchNode, true)
	}
}

func (r *reads) branch(n *tmpltree.BranchNode, whole bool) {
	r.pipe(&n.Pipe, whole)
	r.node(n.List)
	r.node(n.ElseList)
}

// pipe takes in a pipeline. whole says that its value is used as it is.
func (r *reads) pipe(p *tmpltree.PipeNode, whole bool) {
	if p == nil {
		return
	}
	for i := range p.Cmds {
		// What goes into another command is used by that one.
		r.command(&p.Cmds[i], whole || i < len(p.Cmds)-1 || len(p.Decl) > 0)
	}
}

// command takes in a command: a chain of fields, or a function and its
// arguments.
func (r *reads) command(cmd *tmpltree.CommandNode, whole bool) {
	name, isFunction := cmd.Args[0].(*tmpltree.IdentifierNode)
	if !isFunction {
		for _, arg := range cmd.Args {
			r.argument(arg, whole)
		}
		return
	}
	literal, chains := true, 0
	for _, arg := range cmd.Args[1:] {
		_, isText := arg.(*tmpltree.StringNode)
		if isChain(arg) {
			chains++
		} else if !isText {
			literal = false
		}
	}
	literal = literal && chains == 1
	for _, arg := range cmd.Args[1:] {
		r.argument(arg, r.usesWhole(name.Ident, whole, literal))
	}
}

// usesWhole says whether a function may use all of a map that it is given.
func (r *reads) usesWhole(function string, whole, literal bool) bool {
	switch function {
	case "not", "eq", "ne", "lt", "le", "gt", "ge", "empty", "kindIs", "kindOf", "typeIs", "len":
		return false
	case "and", "or":
		return whole
	case "index", "get", "hasKey", "dig":
		// The keys are mentioned; what is found may be a map and be used as one.
		return !literal
	}
	return true
}

func isChain(n tmpltree.Node) bool {
	switch n.(type) {
	case *tmpltree.FieldNode, *tmpltree.VariableNode, *tmpltree.ChainNode:
		return true
	}
	return false
}

func (r *reads) argument(n tmpltree.Node, whole bool) {
	switch n := n.(type) {
	case *tmpltree.FieldNode:
		r.chain(n.Ident, whole)
	case *tmpltree.VariableNode:
		r.chain(n.Ident[1:], whole)
	case *tmpltree.ChainNode:
		r.argument(n.Node, false)
		r.chain(n.Field, whole)
	case *tmpltree.PipeNode:
		r.pipe(n, whole)
	case *tmpltree.StringNode:
		// A key for index, get or dig, or a path; what it leads to may be used
		// as a whole.
		r.mention(n.Text, n.Text != valuesName)
		for _, key := range strings.Split(n.Text, ".") {
			r.mention(key, key != valuesName)
		}
	}
}

func (r *reads) chain(names []string, whole bool) {
	for i, name := range names {
		r.mention(name, whole && i == len(names)-1)
	}
}
