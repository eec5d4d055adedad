package values_test

import (
	"math/rand/v2"
	"strconv"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// trees makes random trees.
type trees struct {
	*rand.Rand
	// kinds fixes the kind of value by key, the same in all trees.
	kinds bool
	// full leaves out what --set cannot write down: empty maps and lists.
	full bool
}

func newTrees(seed uint64) trees {
	return trees{Rand: rand.New(rand.NewPCG(seed, 1))}
}

// table makes a map of at most depth levels.
func (g trees) table(depth int) values.Map {
	m := values.Map{}
	for range g.IntN(5) {
		key := string(rune('a' + g.IntN(6)))
		m[key] = g.value(depth-1, key)
	}
	if g.full && len(m) == 0 {
		m["k.=[,\\"+strconv.Itoa(g.IntN(3))] = g.scalar()
	}
	return m
}

func (g trees) value(depth int, key string) any {
	kind := g.IntN(4)
	if g.kinds {
		kind = int(key[0] % 4)
	}
	switch {
	case kind == 0 && depth > 0:
		return g.table(depth)
	case kind == 1 && depth > 0:
		list := []any{}
		for range g.IntN(3) {
			list = append(list, g.value(depth-1, key))
		}
		if g.full && len(list) == 0 {
			list = append(list, g.scalar())
		}
		return list
	}
	return g.scalar()
}

func (g trees) scalar() any {
	switch g.IntN(6) {
	case 0:
		return nil
	case 1:
		return g.IntN(2) == 0
	case 2:
		return int64(g.IntN(2000) - 1000)
	case 3:
		return ""
	}
	alphabet := []rune(`abé日 \,.=[]{}"'0123`)
	text := make([]rune, 1+g.IntN(8))
	for i := range text {
		text[i] = alphabet[g.IntN(len(alphabet))]
	}
	return "s" + string(text)
}

// scramble changes every map and list of a tree.
func scramble(value any) {
	switch value := value.(type) {
	case map[string]any:
		for _, inner := range value {
			scramble(inner)
		}
		clear(value)
		value["scrambled"] = true
	case []any:
		for i, inner := range value {
			scramble(inner)
			value[i] = "scrambled"
		}
	}
}

// size counts the values in a tree.
func size(value any) int {
	n := 1
	switch value := value.(type) {
	case map[string]any:
		for _, inner := range value {
			n += size(inner)
		}
	case []any:
		for _, inner := range value {
			n += size(inner)
		}
	}
	return n
}
