package values_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing/fstest"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// show prints values as one line of JSON.
func show(m values.Map) {
	if err := json.NewEncoder(os.Stdout).Encode(m); err != nil {
		fmt.Println(err)
	}
}

func ExampleCollect() {
	files := fstest.MapFS{
		"base.yaml": {Data: []byte("image: {repository: web, tag: v1}\nreplicas: 1\n")},
		"prod.yaml": {Data: []byte("replicas: 3\n")},
	}
	m, err := values.Collect(context.Background(), values.UserOptions{
		Files:  []string{"base.yaml", "prod.yaml"},
		Set:    []string{"image.tag=v2,ports={80,443}"},
		String: []string{"build=007"},
	}, files.ReadFile)
	if err != nil {
		fmt.Println(err)
		return
	}
	show(m)
	// Output: {"build":"007","image":{"repository":"web","tag":"v2"},"ports":[80,443],"replicas":3}
}

func ExampleParse() {
	m, err := values.Parse([]byte("a: {b: 1}\n--- # the second document goes over the first\na: {c: yes}\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	show(m)
	// Output: {"a":{"b":1,"c":true}}
}

func ExampleMerge() {
	show(values.Merge(
		values.Map{"image": values.Map{"name": "web", "tag": "v1"}, "hosts": []any{"a", "b"}},
		values.Map{"image": values.Map{"tag": "v2"}, "hosts": []any{"c"}},
	))
	// Output: {"hosts":["c"],"image":{"name":"web","tag":"v2"}}
}

func ExampleAssign() {
	m := values.Map{}
	if err := values.Assign(m, `hosts[0].name=web,labels.example\.org/team=a\,b`, values.Typed, nil); err != nil {
		fmt.Println(err)
		return
	}
	show(m)
	// Output: {"hosts":[{"name":"web"}],"labels":{"example.org/team":"a,b"}}
}

func ExampleSyntaxError() {
	err := values.Assign(values.Map{}, "a=1,b[x]=2", values.Typed, nil)
	if syntax, ok := errors.AsType[*values.SyntaxError](err); ok {
		fmt.Println(syntax.Expr)
		fmt.Printf("%*s %s\n", syntax.Offset+1, "^", syntax.Msg)
	}
	// Output:
	// a=1,b[x]=2
	//       ^ error parsing index: strconv.Atoi: parsing "x": invalid syntax
}

func ExampleMergeTables() {
	user := values.Map{"image": values.Map{"tag": "v2", "pullPolicy": nil}, "port": 80.0}
	defaults := values.Map{"image": values.Map{"tag": "v1", "pullPolicy": "Always"}, "port": values.Map{"http": 80.0}}
	show(values.MergeTables(user, defaults, values.TableOptions{
		Prefix: "chart",
		Warn:   func(text string) { fmt.Println(text) },
	}))
	// Output:
	// warning: cannot overwrite table with non table for chart.port (map[http:80])
	// {"image":{"tag":"v2"},"port":80}
}

func ExampleLookup() {
	m := values.Map{"ingress": values.Map{"enabled": true}}
	enabled, ok := values.Lookup(m, "ingress.enabled")
	fmt.Println(enabled, ok)
	_, err := values.Table(m, "ingress.tls")
	fmt.Println(err)
	// Output:
	// true true
	// "tls" is not a table
}
