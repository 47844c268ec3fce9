#pragma once

#include <core/checkpoint.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <kusto/error.hpp>
#include <ledger/checkpoint_ledger.hpp>
#include <span>
#include <stdexcept>
#include <string>

namespace kusto::test
{

/// A new directory, removed with everything in it.
class scratch
{
public:
    scratch()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "kusto-ledger-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("mkdtemp");
        path = pattern;
    }
    scratch(scratch const&) = delete;
    scratch& operator=(scratch const&) = delete;
    ~scratch()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }

    std::filesystem::path path;
};

inline std::string content(std::filesystem::path const& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline void overwrite(std::filesystem::path const& file, std::string const& bytes)
{
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

inline std::span<std::byte const> bytes_of(std::string const& text)
{
    return std::as_bytes(std::span<char const>(text));
}

inline bool has(std::string const& text, std::string const& part)
{
    return text.find(part) != std::string::npos;
}

inline ledger::ledger_identity identity()
{
    ledger::ledger_identity out;
    out.job = "job_1";
    out.database = "db";
    out.table = "t";
    out.protocol = "staged";
    return out;
}

/// Checkpoint with `batches` batches; its position has a zero byte.
inline core::sealed_checkpoint checkpoint(checkpoint_id id, int batches = 2)
{
    core::sealed_checkpoint out;
    out.id = id;
    out.position = "offset " + std::to_string(id) + std::string("\0\xff", 2);
    for (int i = 0; i < batches; ++i)
    {
        core::sealed_batch one;
        one.file = "batch-" + std::to_string(id) + "-" + std::to_string(i) + ".csv.gz";
        one.format = i % 2 == 0 ? data_format::csv : data_format::json;
        one.records = 100u + id;
        one.raw_bytes = std::uint64_t(5) << 32;
        one.compressed_bytes = 77;
        one.crc = 0xffffffffu - static_cast<std::uint32_t>(i);
        out.batches.push_back(one);
    }
    return out;
}

} // namespace kusto::test
