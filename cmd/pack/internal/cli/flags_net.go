package cli

import (
	"github.com/spf13/pflag"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// netFlags say how repositories and registries are reached, and as whom.
type netFlags struct{ access repo.Access }

// add declares the flags. what is what they fetch or send, such as "chart".
func (n *netFlags) add(f *pflag.FlagSet, what string) {
	n.addWeb(f, what)
	f.BoolVar(&n.access.PlainHTTP, "plain-http", false, "reach a registry without TLS")
}

// addWeb declares the flags for repositories on the web, where the scheme of the
// URL says whether there is TLS.
func (n *netFlags) addWeb(f *pflag.FlagSet, what string) {
	a := &n.access
	f.StringVar(&a.Username, "username", "", "user name for the repository or the registry of the "+what)
	f.StringVar(&a.Password, "password", "", "password for the repository or the registry of the "+what)
	f.StringVar(&a.CertFile, "cert-file", "", "file with the certificate that identifies this client (PEM)")
	f.StringVar(&a.KeyFile, "key-file", "", "file with the key of --cert-file (PEM)")
	f.StringVar(&a.CAFile, "ca-file", "", "file with the certificate authorities of the server (PEM)")
	f.BoolVar(&a.InsecureSkipVerify, "insecure-skip-tls-verify", false, "do not check the server's certificate: anybody can pose as it")
}

// given is the access with its files where the command line has them.
func (n *netFlags) given(s *session) repo.Access {
	a := n.access
	for _, file := range []*string{&a.CertFile, &a.KeyFile, &a.CAFile} {
		if *file != "" {
			*file = s.path(*file)
		}
	}
	return a
}
