#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::faults
{

/// Looks for secrets in text: exact values, and what looks like a signature or a token.
///
/// \par Thread safety
/// All member functions may be called from any thread.
class secret_scanner
{
public:
    /// A value that must appear nowhere; also looked for percent-encoded.
    void forbid(std::string value);

    /// \param where  for people
    /// \returns whether nothing was found
    bool scan(std::string_view where, std::string_view text);

    /// Something else went wrong.
    void complain(std::string what);
    /// Adds what another one found and searched.
    void take_over(secret_scanner const& other, std::string const& during);

    /// What was found: where, and around what, the secret itself shortened.
    [[nodiscard]] std::vector<std::string> findings() const;
    [[nodiscard]] std::size_t scanned_bytes() const;

private:
    mutable std::mutex mutex_;
    std::set<std::string> values_;
    std::vector<std::string> findings_;
    std::size_t scanned_ = 0;
};

} // namespace kusto::faults
