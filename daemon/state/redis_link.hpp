// How one connection to Redis is made and lost. Its users say what is asked over it.
#pragma once

#include <Poco/Exception.h>
#include <Poco/Redis/Client.h>
#include <Poco/Redis/Type.h>

#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "settings/settings.hpp"

namespace bearerd::state {

// One thread at a time. Connects by itself; a failure closes the connection, and the next use makes a new one.
class RedisLink {
 public:
  explicit RedisLink(settings::Redis settings) : settings_(std::move(settings)) {}

  // work(client), after greet(client) on a new connection. What they throw becomes kUnavailable, and the end of the
  // connection. May take as long as the deadline of the settings for each answer.
  template <class T, class Greet, class Work>
  [[nodiscard]] base::Result<T> with(Greet greet, Work work) {
    std::string text;
    try {
      if (client_ == nullptr) {
        auto client = connect();
        greet(*client);
        client_ = std::move(client);
      }
      return work(*client_);
    } catch (const Poco::Exception& error) {
      text = error.displayText();
    } catch (const std::exception& error) {
      text = error.what();
    }
    client_.reset();
    return failure(text);
  }
  template <class T, class Work>
  [[nodiscard]] base::Result<T> with(Work work) {
    return with<T>([](Poco::Redis::Client&) {}, std::move(work));
  }

 private:
  [[nodiscard]] std::unique_ptr<Poco::Redis::Client> connect() const;
  [[nodiscard]] tl::unexpected<base::Error> failure(const std::string& text) const;

  settings::Redis settings_;
  std::unique_ptr<Poco::Redis::Client> client_;
};

[[nodiscard]] std::string text_of(const Poco::Redis::BulkString& text);

}  // namespace bearerd::state
