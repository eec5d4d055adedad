package kube

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// ErrNoConfig is returned by LoadConfig when nothing says which cluster to use.
var ErrNoConfig = errors.New("no configuration of a Kubernetes cluster")

// defaultServiceAccount is where Kubernetes puts the credentials of a pod.
const defaultServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount"

// defaultNamespace is the namespace where nothing names another.
const defaultNamespace = "default"

// ConfigOptions say where the cluster and the credentials come from. The zero
// value finds nothing.
type ConfigOptions struct {
	// Path is the one kubeconfig file to read, which must exist; empty means
	// Paths.
	Path string
	// Paths are kubeconfig files to merge, as kubectl merges those of
	// KUBECONFIG: what the first says wins. Files that do not exist are passed
	// over.
	Paths []string
	// InCluster is used when no file is found and no Server or DefaultServer is given.
	InCluster InCluster
	// Context of the kubeconfig; empty means its current one.
	Context string
	// Server overrides the address of the API server.
	Server string
	// DefaultServer is the address where no kubeconfig is found and no Server is
	// given: for kubectl and Helm the value of KUBERNETES_MASTER.
	DefaultServer string
	// CAFile overrides the certificates that the server is checked against.
	CAFile string
	// TLSServerName overrides the name that the server's certificate must have.
	TLSServerName string
	// Insecure does not check the server's certificate.
	Insecure bool
	// Token overrides the credentials with a bearer token.
	Token string
	// AsUser and AsGroups are impersonated; empty means nobody is.
	AsUser   string
	AsGroups []string
	// QPS bounds the requests per second, in bursts of Burst; 0 means no bound
	// but the server's own.
	QPS   float32
	Burst int
	// UserAgent is sent with every request; empty means "pack".
	UserAgent string
}

// InCluster is how a process in a pod reaches the API server.
type InCluster struct {
	// Host and Port are the values of KUBERNETES_SERVICE_HOST and
	// KUBERNETES_SERVICE_PORT; an empty Host means that this is not a pod.
	Host, Port string
	// Dir holds the service account's token, ca.crt and namespace; empty means
	// where Kubernetes mounts them.
	Dir string
}

// Config is a cluster and how to reach it.
type Config struct {
	// REST is ready for New.
	REST *rest.Config
	// Namespace is that of the context, or "default".
	Namespace string
	// Context is the name of the kubeconfig's context; empty without one.
	Context string
}

// LoadConfig reads kubeconfig files, or the service account of a pod. Proxies
// are those of the kubeconfig or, as for all programs, of the environment.
//
// Errors: ErrNoConfig; others say which file or context is at fault.
func LoadConfig(opts ConfigOptions) (Config, error) {
	if err := opts.checkFiles(); err != nil {
		return Config{}, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	rules := &clientcmd.ClientConfigLoadingRules{ExplicitPath: opts.Path, Precedence: opts.Paths}
	raw, err := rules.Load()
	switch {
	case errors.Is(err, os.ErrNotExist) && opts.Path != "":
		return Config{}, fmt.Errorf("kubeconfig file %s does not exist", opts.Path)
	case err != nil:
		return Config{}, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	if opts.Server == "" && clientcmdapi.IsConfigEmpty(raw) {
		opts.Server = opts.DefaultServer
	}
	if opts.Server == "" && clientcmdapi.IsConfigEmpty(raw) {
		if opts.Context != "" {
			return Config{}, fmt.Errorf("context %q was asked for: %w", opts.Context, opts.noConfig())
		}
		return opts.inCluster()
	}
	name := opts.Context
	if name == "" {
		name = raw.CurrentContext
	}
	if err := errors.Join(opts.checkContext(raw, name), opts.checkNamed(raw, name)); err != nil {
		return Config{}, fmt.Errorf("kubeconfig %s: %w", opts.sources(), err)
	}
	loaded := clientcmd.NewNonInteractiveClientConfig(*raw, name, opts.overrides(), rules)
	cfg, err := loaded.ClientConfig()
	if err != nil {
		return Config{}, fmt.Errorf("kubeconfig %s: %w", opts.sources(), err)
	}
	namespace, _, err := loaded.Namespace()
	if err != nil {
		return Config{}, fmt.Errorf("kubeconfig %s: %w", opts.sources(), err)
	}
	opts.finish(cfg)
	return Config{REST: cfg, Namespace: namespace, Context: name}, nil
}

// KubeconfigContext is a context of a kubeconfig.
type KubeconfigContext struct{ Name, Cluster string }

// Contexts returns the contexts of the kubeconfig files in the order of their names;
// of the options only Path and Paths matter.
func Contexts(opts ConfigOptions) ([]KubeconfigContext, error) {
	if err := opts.checkFiles(); err != nil {
		return nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	rules := &clientcmd.ClientConfigLoadingRules{ExplicitPath: opts.Path, Precedence: opts.Paths}
	raw, err := rules.Load()
	if err != nil {
		return nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	var contexts []KubeconfigContext
	for _, name := range slices.Sorted(maps.Keys(raw.Contexts)) {
		c := KubeconfigContext{Name: name}
		if found := raw.Contexts[name]; found != nil {
			c.Cluster = found.Cluster
		}
		contexts = append(contexts, c)
	}
	return contexts, nil
}

// checkContext says what clientcmd would only hint at.
func (o ConfigOptions) checkContext(raw *clientcmdapi.Config, name string) error {
	if o.Server != "" && name == "" {
		return nil
	}
	if name == "" {
		return errors.New("it has no current context, and none was named")
	}
	selected := raw.Contexts[name]
	if selected == nil {
		return fmt.Errorf("context %q does not exist", name)
	}
	if raw.Clusters[selected.Cluster] == nil && o.Server == "" {
		return fmt.Errorf("context %q is of cluster %q, which does not exist", name, selected.Cluster)
	}
	return nil
}

// overrides are the options in the form in which clientcmd merges them.
func (o ConfigOptions) overrides() *clientcmd.ConfigOverrides {
	return &clientcmd.ConfigOverrides{
		AuthInfo: clientcmdapi.AuthInfo{
			Token: o.Token, Impersonate: o.AsUser, ImpersonateGroups: o.AsGroups,
		},
		ClusterInfo: clientcmdapi.Cluster{
			Server: o.Server, CertificateAuthority: o.CAFile,
			TLSServerName: o.TLSServerName, InsecureSkipTLSVerify: o.Insecure,
		},
		CurrentContext: o.Context,
	}
}

// inCluster is the configuration of a process in a pod.
func (o ConfigOptions) inCluster() (Config, error) {
	if o.InCluster.Host == "" {
		return Config{}, o.noConfig()
	}
	dir := o.InCluster.Dir
	if dir == "" {
		dir = defaultServiceAccount
	}
	tokenFile := filepath.Join(dir, "token")
	token, err := os.ReadFile(tokenFile)
	if err != nil {
		return Config{}, fmt.Errorf("reading the pod's service account: %w", err)
	}
	cfg := &rest.Config{
		Host:            "https://" + net.JoinHostPort(o.InCluster.Host, o.InCluster.Port),
		BearerToken:     strings.TrimSpace(string(token)),
		BearerTokenFile: tokenFile,
		TLSClientConfig: rest.TLSClientConfig{
			CAFile: filepath.Join(dir, "ca.crt"), ServerName: o.TLSServerName, Insecure: o.Insecure,
		},
		Impersonate: rest.ImpersonationConfig{UserName: o.AsUser, Groups: o.AsGroups},
	}
	switch {
	case o.Insecure:
		cfg.CAFile = ""
	case o.CAFile != "":
		cfg.CAFile = o.CAFile
	}
	if o.Token != "" {
		cfg.BearerToken, cfg.BearerTokenFile = o.Token, ""
	}
	o.finish(cfg)
	namespace, err := os.ReadFile(filepath.Join(dir, "namespace"))
	if err != nil || len(strings.TrimSpace(string(namespace))) == 0 {
		namespace = []byte(defaultNamespace)
	}
	return Config{REST: cfg, Namespace: strings.TrimSpace(string(namespace))}, nil
}

// finish sets what is the same for every source.
func (o ConfigOptions) finish(cfg *rest.Config) {
	cfg.QPS, cfg.Burst = o.QPS, o.Burst
	cfg.UserAgent = o.UserAgent
	if cfg.UserAgent == "" {
		cfg.UserAgent = userAgent
	}
}

func (o ConfigOptions) noConfig() error {
	return fmt.Errorf("%w was found: there is no kubeconfig at %s, and this is not a pod of a cluster; "+
		"name a kubeconfig file or the address of an API server", ErrNoConfig, o.sources())
}

// sources are the places of the kubeconfig, for messages.
func (o ConfigOptions) sources() string {
	switch {
	case o.Path != "":
		return o.Path
	case len(o.Paths) > 0:
		return strings.Join(o.Paths, ", ")
	default:
		return "(no file was named)"
	}
}
