"""What the build asks of a machine."""

import subprocess

from harness import ROOT


def test_the_program_is_configured_without_the_packages_of_its_tests(tmp_path):
    done = subprocess.run(
        ["cmake", "--preset", "release", "-B", tmp_path, "-DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON"],
        cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
