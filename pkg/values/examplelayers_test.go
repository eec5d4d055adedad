package values_test

import (
	"context"
	"fmt"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

func ExampleCollectLayers() {
	read := func(string) ([]byte, error) { return []byte("server:\n  port: 80\n"), nil }
	opts := values.UserOptions{Files: []string{"web.yaml"}, Set: []string{"server.port=8080"}}
	tree, layers, err := values.CollectLayers(context.Background(), opts, read)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tree)
	for _, l := range layers {
		if s, ok := l.Lookup([]string{"server", "port"}); ok {
			fmt.Println(l.Name, s.Value, s.Line, s.Column)
		}
	}
	// Output:
	// map[server:map[port:8080]]
	// web.yaml 80 2 3
	// --set 8080 0 0
}

func ExampleLocate() {
	line, column := values.Locate([]byte("a:\n  list:\n  - x\n  - y\n"), []string{"a", "list", "[1]"})
	fmt.Println(line, column)
	// Output: 4 5
}

func ExampleDuplicates() {
	for _, d := range values.Duplicates([]byte("a: 1\nb: 2\na: 3\n")) {
		fmt.Println(d.Key, d.First, d.Second)
	}
	// Output: a 1 3
}

// Trees are copied whole, or without what would be changed, or without nulls.
func ExampleClone() {
	tree := values.Map{"a": values.Map{"b": nil, "list": []any{"x"}}}
	whole, tables := values.Clone(tree), values.CloneTables(tree)
	tree["a"].(values.Map)["b"] = "changed"
	tree["a"].(values.Map)["list"].([]any)[0] = "y"
	fmt.Println(whole, tables)
	fmt.Println(values.DropNulls(whole), values.CloneValue([]any{1}))
	// Output:
	// map[a:map[b:<nil> list:[x]]] map[a:map[b:<nil> list:[y]]]
	// map[a:map[list:[x]]] [1]
}
