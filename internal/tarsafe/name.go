package tarsafe

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode"
)

// maxNameLen bounds a file's path; file systems end there as well.
const maxNameLen = 4096

// Name turns the name of an archive entry into a path below the chart's root:
// the top folder is taken off, whatever its name. A name that would lead
// elsewhere is an error. The rules and the texts are Helm's.
func Name(entry string) (string, error) {
	if len(entry) > maxNameLen {
		return "", fmt.Errorf("chart contains a file name of %d bytes: at most %d are allowed", len(entry), maxNameLen)
	}
	if strings.ContainsFunc(entry, isHidden) {
		return "", fmt.Errorf("chart contains illegally named files: %q has characters that are not shown", entry)
	}
	sep := "/"
	if strings.Contains(entry, `\`) {
		sep = `\`
	}
	parts := strings.Split(entry, sep)
	rest := strings.Join(parts[1:], "/")
	if path.IsAbs(rest) {
		return "", errors.New("chart illegally contains absolute paths")
	}
	name := path.Clean(rest)
	switch {
	case name == ".":
		return "", fmt.Errorf("chart illegally contains content outside the base directory: %q", entry)
	case strings.HasPrefix(name, ".."):
		return "", errors.New("chart illegally references parent directory")
	case hasDrive(name):
		return "", errors.New("chart contains illegally named files")
	case parts[0] == "Chart.yaml":
		return "", errors.New("chart yaml not in base directory")
	}
	return name, nil
}

// hasDrive says whether name begins like a path with a drive letter.
func hasDrive(name string) bool {
	return len(name) > 2 && isLetter(name[0]) && name[1] == ':' && name[2] == '/'
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isHidden says whether r does something else than to be shown: what it stands in
// would not be what is read, in a terminal, or in the comments of manifests.
func isHidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// linksOut says whether a link leads out of the chart. name is its own path below
// the chart's root; the target of a symbolic link is relative to that, and that of
// a hard link is the name of an entry.
func linksOut(name, target string, symbolic bool) bool {
	if !symbolic {
		_, err := Name(target)
		return err != nil
	}
	target = strings.ReplaceAll(target, `\`, "/")
	if path.IsAbs(target) || hasDrive(target) {
		return true
	}
	to := path.Join(path.Dir(name), target)
	return to == ".." || strings.HasPrefix(to, "../")
}
