#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace kusto::test
{

/// A temporary directory of programs that tests write for themselves.
class script_folder
{
public:
    script_folder()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "kusto-test-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("no temporary directory");
        path_ = pattern;
    }
    script_folder(script_folder const&) = delete;
    script_folder& operator=(script_folder const&) = delete;
    ~script_folder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::string path() const { return path_.string(); }
    [[nodiscard]] std::string file(std::string const& name) const
    {
        return (path_ / name).string();
    }

    /// Writes a shell script. \returns its path
    std::string write(std::string const& name, std::string const& text) const
    {
        auto const path = file(name);
        std::ofstream(path) << "#!/bin/sh\n" << text;
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        return path;
    }
    /// Content of a file that a script wrote; empty if it is not there.
    [[nodiscard]] std::string read(std::string const& name) const
    {
        std::ifstream from(file(name));
        return {std::istreambuf_iterator<char>(from), std::istreambuf_iterator<char>()};
    }

private:
    std::filesystem::path path_;
};

} // namespace kusto::test
