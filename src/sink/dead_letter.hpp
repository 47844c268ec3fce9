#pragma once

#include <base/time_text.hpp>
#include <kusto/error.hpp>
#include <kusto/undelivered.hpp>
#include <span>
#include <string>
#include <vector>

namespace kusto::sink
{

/// Makes the directory if it is missing, and writes and removes a file in it.
/// \throws options_error that names the directory and what the system said
void prepare_dead_letters(std::string const& directory);

/// The two files of a batch that could not be delivered: its content, and why.
class dead_letter_files
{
public:
    dead_letter_files(std::string const& directory, undelivered_batch const& what,
                      base::utc_time_point now);

    /// Writes both under temporary names, synchronises and renames them, and synchronises the
    /// directory. The description comes last: where it is, the content is whole. Blocks; may be
    /// repeated. Errors: stage sink, `retryable()`; the message names the file.
    [[nodiscard]] result<void> write(std::vector<std::span<std::byte const>> const& content) const;

    [[nodiscard]] std::string const& description() const noexcept { return description_; }

private:
    std::string directory_;
    std::string content_path_;
    std::string description_; ///< JSON
};

} // namespace kusto::sink
