//go:build unix

package main

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// perChart is how many versions a chart of the index has.
const perChart = 160

// topics are what the charts are about; the names of charts begin with them.
func topics() []string {
	return []string{
		"mariadb", "nginx", "redis", "kafka", "grafana", "prometheus", "wordpress", "airflow",
		"etcd", "consul", "harbor", "jenkins", "keycloak", "minio", "mongodb", "rabbitmq",
	}
}

// writeIndex writes an index as generators have it, of so many versions: about
// 1.2 kB each, as those of large public repositories. served is the chart that
// the last entry is of; its archive is there.
func writeIndex(path string, versions int, served archive) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(w, "apiVersion: v1\nentries:")
	list := topics()
	for chart := 0; chart*perChart < versions; chart++ {
		topic := list[chart%len(list)]
		name := fmt.Sprintf("%s-%03d", topic, chart)
		fmt.Fprintf(w, "  %s:\n", name)
		for v := min(perChart, versions-chart*perChart) - 1; v >= 0; v-- {
			writeVersion(w, name, topic, v)
		}
	}
	fmt.Fprintf(w, "  zz-served:\n  - apiVersion: v2\n    created: \"2026-01-02T10:11:12.123456789Z\"\n    description: a chart that can be fetched\n"+
		"    digest: %s\n    name: zz-served\n    urls:\n    - %s\n    version: 1.0.0\n", served.digest, served.name)
	fmt.Fprintln(w, `generated: "2026-01-02T10:11:12.123456789Z"`)
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

func writeVersion(w io.Writer, name, topic string, v int) {
	version := fmt.Sprintf("%d.%d.%d", 1+v/40, v/4%10, v%4)
	if v%20 == 19 {
		version += "-rc.1"
	}
	sum := sha256.Sum256([]byte(name + version))
	created := time.Date(2024, 1, 1, 0, 0, 0, 123456789, time.UTC).Add(time.Duration(v) * 31 * time.Hour).Format(time.RFC3339Nano)
	fmt.Fprintf(w, `  - annotations:
      category: Infrastructure
      images: |
        - name: %[1]s
          image: registry.example.com/charts/%[1]s:%[2]s-debian-12-r%[3]d
        - name: os-shell
          image: registry.example.com/charts/os-shell:12-debian-12-r%[3]d
      licenses: Apache-2.0
    apiVersion: v2
    appVersion: %[2]s
    created: %[4]q
    dependencies:
    - name: common
      repository: oci://registry.example.com/charts
      tags:
      - example-common
      version: 2.x.x
    description: The %[5]s of this repository, release %[2]s, is packaged for clusters
      that need high availability, and comes with metrics and network policies.
    digest: %[6]x
    home: https://example.com/charts/%[1]s
    icon: https://example.com/assets/stacks/%[5]s/img/%[5]s-stack-220x234.png
    keywords:
    - %[5]s
    - database
    - cluster
    - high-availability
    maintainers:
    - name: The Chart Authors, Incorporated
      url: https://github.com/example/charts
    name: %[1]s
    sources:
    - https://github.com/example/charts/tree/main/%[1]s
    urls:
    - https://charts.example.com/archives/%[1]s-%[2]s.tgz
    version: %[2]s
`, name, version, v%7, created, topic, sum)
}

// archive is a chart that is packed.
type archive struct {
	name   string
	digest string
}

// writeArchives writes so many packed charts into a folder: each has some
// templates and values, as charts have them.
func writeArchives(dir string, count int) error {
	for i := range count {
		name := fmt.Sprintf("%s-%d", topics()[i%len(topics())], i/len(topics())%10)
		if _, err := writeArchive(dir, name, fmt.Sprintf("1.%d.0", i)); err != nil {
			return err
		}
	}
	return nil
}

func writeArchive(dir, name, version string) (archive, error) {
	a := archive{name: name + "-" + version + ".tgz"}
	f, err := os.Create(filepath.Join(dir, a.name))
	if err != nil {
		return a, err
	}
	sum := sha256.New()
	z := gzip.NewWriter(io.MultiWriter(f, sum))
	t := tar.NewWriter(z)
	add := func(path, text string) {
		if err == nil {
			err = t.WriteHeader(&tar.Header{Name: name + "/" + path, Mode: 0o644, Size: int64(len(text))})
		}
		if err == nil {
			_, err = io.WriteString(t, text)
		}
	}
	add("Chart.yaml", fmt.Sprintf("apiVersion: v2\nname: %s\nversion: %s\nappVersion: %q\ndescription: A chart of the benchmark\nkeywords:\n- bench\n- %s\nmaintainers:\n- name: The Chart Authors\n  url: https://example.com\n", name, version, version, name))
	var values strings.Builder
	for i := range 60 {
		fmt.Fprintf(&values, "# Settings of component %d.\ncomponent%d:\n  enabled: true\n  image:\n    repository: registry.example.com/%s/c%d\n    tag: %q\n  replicas: %d\n", i, i, name, i, version, i)
	}
	add("values.yaml", values.String())
	for i := range 8 {
		add(fmt.Sprintf("templates/part%d.yaml", i), strings.Repeat(fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-%d\n  labels: {{- include \"labels\" . | nindent 4 }}\ndata:\n  tag: {{ .Values.component%d.image.tag | quote }}\n---\n", i, i), 6))
	}
	add("README.md", strings.Repeat("# "+name+"\n\nHow to use this chart, and what its values are.\n", 40))
	if err == nil {
		err = t.Close()
	}
	if err == nil {
		err = z.Close()
	}
	a.digest = hex.EncodeToString(sum.Sum(nil))
	if closed := f.Close(); err == nil {
		err = closed
	}
	return a, err
}
