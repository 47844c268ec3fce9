#pragma once

#include <kusto/options.hpp>
#include <string>
#include <string_view>

namespace kusto::wire
{

/// Who we are, as the service logs it: `x-ms-app`, `x-ms-user`, `x-ms-client-version`. The values
/// are ASCII and hold no line breaks.
class client_identity
{
public:
    /// \param application  empty: the name of the process
    explicit client_identity(std::string_view application = {});
    /// What the options for tracing say.
    explicit client_identity(connection_options const& options);

    /// As it was given, or `Kusto.Cpp.Sink:{0.1.0}|App.{name}:{version}` if there is a version.
    [[nodiscard]] std::string const& application() const noexcept { return application_; }
    /// The option, else that of the environment or, with a version, `[none]`.
    [[nodiscard]] std::string const& user() const noexcept { return user_; }
    /// `Kusto.Cpp.Client:{0.1.0}|Runtime.Cpp:{gcc_12.2.0}`, and `|` with what the user adds.
    [[nodiscard]] std::string const& version() const noexcept { return version_; }

private:
    std::string application_;
    std::string user_;
    std::string version_;
};

/// `KCPC.execute;{guid}` with a new random guid; another operation name on request.
[[nodiscard]] std::string new_request_id(std::string_view operation = "execute");

/// Fit for a header: control characters are dropped, every run of bytes outside of ASCII becomes
/// one `?`.
[[nodiscard]] std::string header_text(std::string_view text);

/// `{value}`, with every run of white space, other control characters, braces and bars in it
/// replaced by one `_`.
[[nodiscard]] std::string braced(std::string_view value);

} // namespace kusto::wire
