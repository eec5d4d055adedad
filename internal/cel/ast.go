package cel

// node is a part of an expression. Its offset is where its text, or its operator,
// stands.
type node interface{ where() int }

type offset int

func (o offset) where() int { return int(o) }

type (
	literal struct {
		offset
		value any
	}
	ident struct {
		offset
		name string
	}
	// selection is x.field, or x.?field.
	selection struct {
		offset
		of       node
		field    string
		optional bool
	}
	// index is x[i], or x[?i].
	index struct {
		offset
		of, at   node
		optional bool
	}
	// presence is has(x.field).
	presence struct {
		offset
		of    node
		field string
	}
	unary struct {
		offset
		op string
		x  node
	}
	binary struct {
		offset
		op   string
		x, y node
	}
	// conditional is c ? x : y.
	conditional struct {
		offset
		cond, x, y node
	}
	list struct {
		offset
		items []node
	}
	dict struct {
		offset
		keys, values []node
	}
	// call is name(args), or target.name(args).
	call struct {
		offset
		name   string
		target node // nil for none
		args   []node
	}
	// comprehension is target.macro(variable, …). Filter is the condition of a map
	// with three arguments, nil for none.
	comprehension struct {
		offset
		macro    string
		target   node
		variable string
		filter   node
		body     node
	}
)
