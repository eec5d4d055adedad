package cli

import (
	"flag"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	"k8s.io/klog/v2"
)

// Settings are the global flags and what the environment says beside them.
type Settings struct {
	// Namespace is empty where neither flag nor environment name one.
	Namespace string
	Debug     bool
	Color     colorMode
	// MaxHistory is the default of --history-max.
	MaxHistory int
	Kube       KubeSettings
	Paths      PathSettings

	// problems are what was wrong in the environment; start warns of them.
	problems []string
}

// KubeSettings say which cluster, and as whom. Empty fields leave it to the
// kubeconfig.
type KubeSettings struct {
	Config             string
	Context            string
	Token              string
	AsUser             string
	AsGroups           []string
	APIServer          string
	CAFile             string
	TLSServerName      string
	InsecureSkipVerify bool
	// BurstLimit and QPS throttle requests; QPS 0 means client-go's default.
	BurstLimit int
	QPS        float32
}

// getenv looks up PACK_name, then HELM_name.
func (a App) getenv(name string) (string, bool) {
	if v, ok := a.Env("PACK_" + name); ok {
		return v, true
	}
	return a.Env("HELM_" + name)
}

func (a App) getenvOr(name, fallback string) string {
	if v, ok := a.getenv(name); ok {
		return v
	}
	return fallback
}

// readSettings reads the environment: what it says are the defaults of the
// global flags.
func readSettings(app App) Settings {
	s := Settings{
		Namespace: app.getenvOr("NAMESPACE", ""),
		Kube: KubeSettings{
			Context:       app.getenvOr("KUBECONTEXT", ""),
			Token:         app.getenvOr("KUBETOKEN", ""),
			AsUser:        app.getenvOr("KUBEASUSER", ""),
			APIServer:     app.getenvOr("KUBEAPISERVER", ""),
			CAFile:        app.getenvOr("KUBECAFILE", ""),
			TLSServerName: app.getenvOr("KUBETLS_SERVER_NAME", ""),
		},
		Paths: readPaths(app),
	}
	if groups := app.getenvOr("KUBEASGROUPS", ""); groups != "" {
		s.Kube.AsGroups = strings.Split(groups, ",")
	}
	s.Debug = envValue(app, &s, "DEBUG", false, strconv.ParseBool)
	s.MaxHistory = envValue(app, &s, "MAX_HISTORY", 10, strconv.Atoi)
	s.Kube.InsecureSkipVerify = envValue(app, &s, "KUBEINSECURE_SKIP_TLS_VERIFY", false, strconv.ParseBool)
	s.Kube.BurstLimit = envValue(app, &s, "BURST_LIMIT", 100, strconv.Atoi)
	s.Kube.QPS = envValue(app, &s, "QPS", 0, func(v string) (float32, error) {
		f, err := strconv.ParseFloat(v, 32)
		return float32(f), err
	})
	s.Color = envValue(app, &s, "COLOR", colorAuto, parseColorMode)
	if v, _ := app.Env("NO_COLOR"); v != "" { // https://no-color.org
		s.Color = colorNever
	}
	return s
}

// envValue parses a variable. As in Helm, one that cannot be parsed leaves the
// default; unlike Helm, that is said.
func envValue[T any](app App, s *Settings, name string, fallback T, parse func(string) (T, error)) T {
	text, ok := app.getenv(name)
	if !ok || text == "" {
		return fallback
	}
	v, err := parse(text)
	if err != nil {
		s.problems = append(s.problems, fmt.Sprintf("ignoring the environment variable HELM_%s (or PACK_%[1]s): %v", name, err))
		return fallback
	}
	return v
}

// addFlags declares the global flags.
func (s *Settings) addFlags(f *pflag.FlagSet) {
	f.StringVarP(&s.Namespace, "namespace", "n", s.Namespace, "namespace to work in")
	f.BoolVar(&s.Debug, "debug", s.Debug, "log in detail")
	f.Var(&s.Color, "color", "colours in the output: never, auto or always")
	f.Var(&s.Color, "colour", "the same as --color")
	s.Kube.addFlags(f)
	p := &s.Paths
	f.StringVar(&p.RegistryConfig, "registry-config", p.RegistryConfig, "file with the credentials of registries")
	f.StringVar(&p.RepositoryConfig, "repository-config", p.RepositoryConfig, "file with the list of repositories")
	f.StringVar(&p.RepositoryCache, "repository-cache", p.RepositoryCache, "folder of cached repository indexes")
	f.StringVar(&p.SignaturePolicy, "signature-policy", p.SignaturePolicy, "file that says by whom charts have to be signed (default: signatures.yaml in the configuration folder, if there is one)")
	f.StringVar(&p.ContentCache, "content-cache", p.ContentCache, "folder of cached charts")
	addLogFlags(f)
}

func (k *KubeSettings) addFlags(f *pflag.FlagSet) {
	f.StringVar(&k.Config, "kubeconfig", k.Config, "kubeconfig file to use")
	f.StringVar(&k.Context, "kube-context", k.Context, "context of the kubeconfig to use")
	f.StringVar(&k.Token, "kube-token", k.Token, "bearer token for the API server")
	f.StringVar(&k.AsUser, "kube-as-user", k.AsUser, "user to impersonate")
	textsVar(f, &k.AsGroups, "kube-as-group", "group to impersonate; repeatable")
	f.StringVar(&k.APIServer, "kube-apiserver", k.APIServer, "address of the API server")
	f.StringVar(&k.CAFile, "kube-ca-file", k.CAFile, "file with the certificate authority of the API server")
	f.StringVar(&k.TLSServerName, "kube-tls-server-name", k.TLSServerName, "name that the API server's certificate must have (default: its host name)")
	f.BoolVar(&k.InsecureSkipVerify, "kube-insecure-skip-tls-verify", k.InsecureSkipVerify, "do not check the API server's certificate: anybody can pose as it")
	f.IntVar(&k.BurstLimit, "burst-limit", k.BurstLimit, "how many requests may be sent at once before --qps counts")
	f.Float32Var(&k.QPS, "qps", k.QPS, "requests per second to the API server; 0 sets no bound")
	// Tokens of the environment must not show up as defaults in help texts.
	f.Lookup("kube-token").DefValue = ""
}

// addLogFlags declares the flags of Kubernetes' logging library, as Helm does without
// listing them: "-v 6" logs each request to the API server. They count for the process.
func addLogFlags(f *pflag.FlagSet) {
	flags := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(flags)
	flags.VisitAll(func(goFlag *flag.Flag) {
		goFlag.Name = strings.ReplaceAll(goFlag.Name, "_", "-")
		hidden := pflag.PFlagFromGoFlag(goFlag)
		hidden.Hidden = true
		f.AddFlag(hidden)
	})
}
