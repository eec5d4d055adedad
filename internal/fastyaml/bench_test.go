package fastyaml_test

import (
	"fmt"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/seed-0d4f92cc/pack/internal/fastyaml"
)

// valuesFile is a file of about so many bytes with the forms that values files
// have.
func valuesFile(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `section%d:
  enabled: true
  replicas: %d
  ratio: 0.%d
  image:
    repository: registry.example.com/team/app-%d
    tag: "1.%d.0"
    pullPolicy: IfNotPresent
  env:
    - name: FOO_%d
      value: 'bar %d'
    - name: URL
      value: "http://svc-%d.ns.svc:80/path?x=1"
  labels: {app: app%d, tier: backend}
  ports: [80, 443, %d]
  description: some text that goes on about a section # a comment
  config: |
    line one of %d
    line two: x
  empty:
  list:
  - a
  - b
`, i, i%50, i%100, i, i%20, i, i, i, i, 8000+i%1000, i)
	}
	return b.String()
}

// deployment is an object as charts render it.
const deployment = `# Source: web/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: release-name-web
  labels:
    helm.sh/chart: web-0.1.0
    app.kubernetes.io/name: web
    app.kubernetes.io/instance: release-name
    app.kubernetes.io/version: "1.16.0"
    app.kubernetes.io/managed-by: Helm
  annotations:
    checksum/config: 0c8a4d2e5b
spec:
  replicas: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: web
      app.kubernetes.io/instance: release-name
  template:
    metadata:
      labels:
        app.kubernetes.io/name: web
        app.kubernetes.io/instance: release-name
    spec:
      serviceAccountName: release-name-web
      containers:
        - name: web
          image: "nginx:1.16.0"
          imagePullPolicy: IfNotPresent
          args: ["--verbose", "--port=80"]
          ports:
            - name: http
              containerPort: 80
              protocol: TCP
          livenessProbe:
            httpGet:
              path: /
              port: http
          resources: {}
          env:
            - name: SCRIPT
              value: |
                set -e
                exec web
`

// readSlowly reads into v without this package.
func readSlowly(b *testing.B, text string, v any) {
	b.Helper()
	if err := yaml.Unmarshal([]byte(text), v); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkRead(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"values5MB", valuesFile(5 << 20)}, {"object", deployment}} {
		b.Run(c.name+"/fast", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.text)))
			for b.Loop() {
				if _, ok := fastyaml.Read(c.text); !ok {
					b.Fatal("declined")
				}
			}
		})
		b.Run(c.name+"/library", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.text)))
			for b.Loop() {
				var v any
				readSlowly(b, c.text, &v)
			}
		})
	}
}

func BenchmarkReadHead(b *testing.B) {
	b.Run("fast", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(deployment)))
		for b.Loop() {
			if _, ok := fastyaml.ReadHead(deployment); !ok {
				b.Fatal("declined")
			}
		}
	})
	b.Run("library", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(deployment)))
		for b.Loop() {
			var o object
			readSlowly(b, deployment, &o)
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"values500KB", valuesFile(500 << 10)}, {"object", deployment}} {
		tree, ok := fastyaml.Read(c.text)
		if !ok {
			b.Fatal("declined")
		}
		b.Run(c.name+"/fast", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := fastyaml.Write(tree); !ok {
					b.Fatal("declined")
				}
			}
		})
		b.Run(c.name+"/library", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := yaml.Marshal(tree); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
