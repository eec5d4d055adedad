//go:build unix

package main

import "path/filepath"

// testCase is one row of the table.
type testCase struct {
	name string
	args []string
	// needs is the folder without which the case is left out.
	needs string
	// runs, unless it is 0, is the most that are worth their time.
	runs int
	// free cases print what is theirs; it is not compared.
	free bool
}

// cases lists what is measured, with charts in dir.
func cases(dir string) []testCase {
	template := func(name, chart string, more ...string) testCase {
		path := filepath.Join(dir, chart)
		return testCase{name: name, args: append([]string{"template", "demo", path}, more...), needs: path}
	}
	many := filepath.Join(dir, "many")
	return []testCase{
		{name: "version", args: []string{"version"}, needs: dir, free: true},
		template("trivial chart", "trivial"),
		template("chart of create", "created"),
		template("wordpress", "wordpress"),
		template("kafka", "kafka"),
		template("argo-cd with CRDs", "argo-cd", "--include-crds"),
		template("kube-prometheus-stack", "kube-prometheus-stack"),
		template("umbrella of 40", "umbrella"),
		template("2,000 templates", "many"),
		template("500 tpl, 200 defines", "tpl"),
		template("1,000 tpl, 400 defines", "tpl-double"),
		template("5 MB of values", "large", "--values", filepath.Join(dir, largeValues)),
		template("10,000 documents", "documents"),
		{name: "lint of 2,000 templates", args: []string{"lint", many}, needs: many, runs: 3},
	}
}

// publicChart is a chart that is looked for by its name.
type publicChart struct {
	name string
	// owner stands in the path of the right one, where others have the name too.
	owner string
}

func publicCharts() []publicChart {
	return []publicChart{
		{"wordpress", "bitnami"},
		{"kafka", "bitnami"},
		{"argo-cd", "argoproj"},
		{"kube-prometheus-stack", "prometheus-community"},
	}
}
