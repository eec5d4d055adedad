package values_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// benchText is a values file of about 40 kB: 200 services of eight values.
func benchText() []byte {
	var text strings.Builder
	for i := range 200 {
		fmt.Fprintf(&text, "service%d:\n  image: {repository: registry.example/web, tag: v1.2.%d}\n", i, i)
		text.WriteString("  replicas: 3\n  enabled: true\n  ports: [80, 443]\n")
		text.WriteString("  resources:\n    limits:\n      cpu: 500m\n      memory: 128Mi\n")
	}
	return []byte(text.String())
}

func benchTree(b *testing.B) values.Map {
	b.Helper()
	return parse(b, string(benchText()))
}

func BenchmarkParse(b *testing.B) {
	text := benchText()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := values.Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMerge(b *testing.B) {
	below, above := benchTree(b), benchTree(b)
	b.ReportAllocs()
	for b.Loop() {
		values.Merge(below, above)
	}
}

func BenchmarkMergeTables(b *testing.B) {
	user, defaults := benchTree(b), benchTree(b)
	b.ReportAllocs()
	for b.Loop() {
		values.MergeTables(user, defaults, values.TableOptions{Prefix: "chart"})
	}
}

func BenchmarkAssign(b *testing.B) {
	for _, bench := range []struct {
		style values.Style
		expr  string
	}{
		{values.Typed, `service.port=8080,image.tag=v1\,2,hosts[0].paths[1].path=/a,list={a,b,3,true}`},
		{values.JSON, `service={"port":8080,"tls":null},hosts[0].paths=["/a","/b"]`},
		{values.Literal, `config.text=a,b\c{d}`},
	} {
		b.Run(bench.style.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := values.Assign(values.Map{}, bench.expr, bench.style, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
