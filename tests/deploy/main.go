// SPDX-License-Identifier: Apache-2.0

// Checks Kubernetes manifests without a cluster: every document must decode strictly into the
// type that it names (an unknown or repeated field is an error), and what the API server or a
// kubelet would only refuse later must be there.
//
//	go run . ../../deploy/daemonset.yaml
//
// Exits with 1 and one line on stderr at the first mistake.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: deploy MANIFEST...")
		os.Exit(2)
	}
	for _, path := range os.Args[1:] {
		if err := checkFile(path); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
			os.Exit(1)
		}
	}
}

func checkFile(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	decoder, err := strictDecoder()
	if err != nil {
		return err
	}
	objects := map[string]runtime.Object{}
	documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for number := 1; ; number++ {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return checkReferences(objects)
		}
		if err != nil {
			return fmt.Errorf("document %d: %w", number, err)
		}
		object, kind, err := decoder.Decode(document, nil, nil)
		if err != nil {
			return fmt.Errorf("document %d: %w", number, err)
		}
		meta, ok := object.(metav1.Object)
		if !ok || meta.GetName() == "" || meta.GetNamespace() == "" {
			return fmt.Errorf("document %d: %s needs a name and a namespace", number, kind.Kind)
		}
		id := kind.Kind + " " + meta.GetNamespace() + "/" + meta.GetName()
		if objects[id] != nil {
			return fmt.Errorf("document %d: %s is there twice", number, id)
		}
		objects[id] = object
	}
}

func strictDecoder() (runtime.Decoder, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{appsv1.AddToScheme, corev1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	codecs := serializer.NewCodecFactory(scheme, serializer.EnableStrict)
	return codecs.UniversalDeserializer(), nil
}

// checkReferences looks at what one object says of another, or of itself.
func checkReferences(objects map[string]runtime.Object) error {
	if len(objects) == 0 {
		return errors.New("no document in it")
	}
	for id, object := range objects {
		set, ok := object.(*appsv1.DaemonSet)
		if !ok {
			continue
		}
		if err := checkDaemonSet(set, objects); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	return nil
}

func checkDaemonSet(set *appsv1.DaemonSet, objects map[string]runtime.Object) error {
	selector, err := metav1.LabelSelectorAsSelector(set.Spec.Selector)
	if err != nil {
		return err
	}
	if selector.Empty() || !selector.Matches(labels.Set(set.Spec.Template.Labels)) {
		return errors.New("the selector does not match the labels of the pod template")
	}
	pod := set.Spec.Template.Spec
	account := "ServiceAccount " + set.Namespace + "/" + pod.ServiceAccountName
	if objects[account] == nil {
		return fmt.Errorf("%s is not in the file", account)
	}
	if len(pod.Containers) == 0 {
		return errors.New("no container")
	}
	volumes := map[string]bool{}
	for _, volume := range pod.Volumes {
		volumes[volume.Name] = true
	}
	for i := range pod.Containers {
		container := &pod.Containers[i]
		if err := checkContainer(container, volumes); err != nil {
			return fmt.Errorf("container %s: %w", container.Name, err)
		}
	}
	return nil
}

func checkContainer(container *corev1.Container, volumes map[string]bool) error {
	if container.Name == "" || container.Image == "" {
		return errors.New("needs a name and an image")
	}
	for _, mount := range container.VolumeMounts {
		if !volumes[mount.Name] {
			return fmt.Errorf("mounts the unknown volume %q", mount.Name)
		}
	}
	if container.LivenessProbe == nil || container.ReadinessProbe == nil {
		return errors.New("needs a liveness and a readiness probe")
	}
	if container.Resources.Requests.Memory().IsZero() || container.Resources.Limits.Memory().IsZero() {
		return errors.New("needs a request and a limit of memory")
	}
	return checkPrivileges(container.SecurityContext)
}

// checkPrivileges wants what is granted to be listed capability by capability.
func checkPrivileges(security *corev1.SecurityContext) error {
	if security == nil || security.Capabilities == nil {
		return errors.New("needs a securityContext with capabilities")
	}
	if security.Privileged != nil && *security.Privileged {
		return errors.New("is privileged")
	}
	if security.ReadOnlyRootFilesystem == nil || !*security.ReadOnlyRootFilesystem {
		return errors.New("can write its root file system")
	}
	if len(security.Capabilities.Drop) != 1 || security.Capabilities.Drop[0] != "ALL" {
		return errors.New("must drop ALL capabilities before it adds some")
	}
	for _, capability := range security.Capabilities.Add {
		if capability == "ALL" || capability == "SYS_ADMIN" {
			return fmt.Errorf("adds the capability %s, which is as good as all", capability)
		}
	}
	return nil
}
