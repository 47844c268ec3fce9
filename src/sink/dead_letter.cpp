#include <sink/dead_letter.hpp>

#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <kusto/options.hpp>
#include <span>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace kusto::sink
{

namespace json = boost::json;

namespace
{

failure file_failure(std::string const& path, char const* what, int error)
{
    return failure(errc::invalid_option, stage::sink,
                   "the dead-letter file '" + path + "' cannot be " + what + ": " +
                       std::strerror(error) + "; make room or mend the directory")
        .retryable(true);
}

/// An open file or directory.
class descriptor
{
public:
    descriptor(std::string const& path, int flags) : value_(::open(path.c_str(), flags, 0640)) {}
    descriptor(descriptor const&) = delete;
    descriptor& operator=(descriptor const&) = delete;
    ~descriptor()
    {
        if (value_ >= 0)
            ::close(value_);
    }

    [[nodiscard]] bool good() const noexcept { return value_ >= 0; }
    [[nodiscard]] bool synchronise() const noexcept { return ::fsync(value_) == 0; }
    [[nodiscard]] bool write(std::span<std::byte const> bytes) const noexcept
    {
        while (!bytes.empty())
        {
            auto const done = ::write(value_, bytes.data(), bytes.size());
            if (done < 0 && errno == EINTR)
                continue;
            if (done < 0)
                return false;
            bytes = bytes.subspan(static_cast<std::size_t>(done));
        }
        return true;
    }

private:
    int value_;
};

result<void> write_file(std::string const& path,
                        std::vector<std::span<std::byte const>> const& pieces)
{
    auto const temporary = path + ".part";
    {
        descriptor const file(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC);
        if (!file.good())
            return file_failure(temporary, "opened", errno);
        for (auto const& piece : pieces)
            if (!file.write(piece))
                return file_failure(temporary, "written", errno);
        if (!file.synchronise())
            return file_failure(temporary, "synchronised", errno);
    }
    if (std::rename(temporary.c_str(), path.c_str()) != 0)
        return file_failure(path, "renamed", errno);
    return result<void>();
}

std::string_view to_string(outcome what) noexcept
{
    return what == outcome::unknown ? "unknown" : "failed";
}

json::object description_of(failure const& why)
{
    json::object out;
    out["code"] = make_error_code(why.code()).message();
    out["stage"] = kusto::to_string(why.where());
    out["outcome"] = to_string(why.outcome());
    out["message"] = why.message();
    out["host"] = why.host();
    out["status"] = why.status();
    out["service_code"] = why.service_code();
    out["service_text"] = why.server_text();
    out["request_id"] = why.request_id();
    out["activity_id"] = why.activity_id();
    out["attempts"] = why.attempts();
    out["retryable"] = why.retryable();
    return out;
}

} // namespace

void prepare_dead_letters(std::string const& directory)
{
    auto const refuse = [&](std::string const& why)
    {
        std::vector<option_problem> problems;
        problems.push_back(option_problem{"on_permanent_failure", directory,
                                          "a directory that can be made and written to (" + why +
                                              ")"});
        throw options_error(std::move(problems));
    };
    std::error_code error;
    bool const made = std::filesystem::create_directories(directory, error);
    if (error)
        refuse(error.message());
    // A directory that was just made must not vanish with the machine's power.
    // Its parent may be one that we may write and not read; then the system decides.
    auto const path = std::filesystem::absolute(directory, error).parent_path().string();
    descriptor const parent(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (made && parent.good() && !parent.synchronise())
        refuse(std::strerror(errno));
    auto const probe = directory + "/.kusto-" + std::to_string(::getpid());
    if (!descriptor(probe, O_WRONLY | O_CREAT | O_CLOEXEC).good())
        refuse(std::strerror(errno));
    ::unlink(probe.c_str());
}

dead_letter_files::dead_letter_files(std::string const& directory, undelivered_batch const& what,
                                     base::utc_time_point now)
    : directory_(directory),
      content_path_(directory + "/" + what.blob_name)
{
    json::object out;
    out["database"] = what.database;
    out["table"] = what.table;
    out["source_id"] = what.source_id;
    out["file"] = what.blob_name;
    out["format"] = what.format == data_format::csv ? "csv" : "json";
    out["records"] = what.counts.records;
    out["bytes"] = what.counts.bytes;
    out["given_up_at"] = base::iso_text(now);
    out["why"] = description_of(what.why);
    description_ = json::serialize(out) + "\n";
}

result<void> dead_letter_files::write(std::vector<std::span<std::byte const>> const& content) const
{
    auto const data = write_file(content_path_, content);
    if (data.has_error())
        return data.error();
    auto const text = std::as_bytes(std::span<char const>(description_));
    auto const reason = write_file(content_path_ + ".json", {text});
    if (reason.has_error())
        return reason.error();
    descriptor const directory(directory_, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!directory.good() || !directory.synchronise())
        return file_failure(directory_, "synchronised", errno);
    return result<void>();
}

} // namespace kusto::sink
