#pragma once

#include "undelivered_store.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace kusto::faults
{

inline std::string content_of(std::filesystem::path const& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// What the process writes to stdout and stderr in the meantime goes to a file.
class captured_output
{
public:
    captured_output() : file_(directory_.path() + "/output")
    {
        std::fflush(nullptr);
        out_ = ::dup(1);
        err_ = ::dup(2);
        auto* const file = std::fopen(file_.c_str(), "w");
        if (file == nullptr)
            throw std::runtime_error("no file for the output");
        ::dup2(::fileno(file), 1);
        ::dup2(::fileno(file), 2);
        std::fclose(file);
    }

    std::string end()
    {
        std::fflush(nullptr);
        ::dup2(out_, 1);
        ::dup2(err_, 2);
        ::close(out_);
        ::close(err_);
        return content_of(file_);
    }

private:
    temporary_directory directory_;
    std::string file_;
    int out_ = -1, err_ = -1;
};

} // namespace kusto::faults
