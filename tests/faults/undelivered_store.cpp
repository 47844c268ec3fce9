#include "undelivered_store.hpp"

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace kusto::faults
{

namespace fs = std::filesystem;
namespace json = boost::json;

namespace
{

std::string content_of(fs::path const& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::uint64_t count(json::value const& from, char const* name)
{
    return from.at(name).to_number<std::uint64_t>();
}

} // namespace

void undelivered_store::take(undelivered_batch const& what)
{
    std::lock_guard const lock(mutex_);
    try
    {
        note_batch(named_, salt_, gunzip(what.content), what.counts.records, what.counts.bytes,
                   what.why.outcome() == outcome::unknown);
    }
    catch (std::exception const& e)
    {
        named_.complaints.push_back(std::string("a batch was handed over: ") + e.what());
    }
    if (std::exchange(throws_, false))
        throw std::runtime_error("the function of the user throws");
}

void undelivered_store::read_files(std::string const& directory)
{
    std::lock_guard const lock(mutex_);
    for (auto const& entry : fs::directory_iterator(directory))
    {
        auto const file = entry.path();
        if (file.extension() != ".json")
            continue;
        auto data = file;
        data.replace_extension();
        try
        {
            auto const about = json::parse(content_of(file));
            auto const text = content_of(data);
            auto const lines = gunzip(std::as_bytes(std::span<char const>(text)));
            note_batch(named_, salt_, lines, count(about, "records"), count(about, "bytes"),
                       about.at("why").at("outcome").as_string() == "unknown");
        }
        catch (std::exception const& e)
        {
            named_.complaints.push_back("dead letter " + file.filename().string() + ": " +
                                        e.what());
        }
    }
}

named_batches undelivered_store::named() const
{
    std::lock_guard const lock(mutex_);
    return named_;
}

temporary_directory::temporary_directory()
{
    auto pattern = (fs::temp_directory_path() / "kusto-faults-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        throw std::runtime_error("no temporary directory");
    path_ = pattern;
}

temporary_directory::~temporary_directory()
{
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

} // namespace kusto::faults
